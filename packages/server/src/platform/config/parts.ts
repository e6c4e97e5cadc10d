import { z } from "zod"

/** Names of this machine in a URL. */
export const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** An origin: https, or http on this machine. */
export const Origin = z
  .string()
  .max(256)
  .refine((text) => URL.canParse(text) && new URL(text).origin === text && /^https?:/.test(text), {
    message: "expected an origin such as https://nightlight.example, without a path",
    abort: true,
  })
  .refine((text) => text.startsWith("https:") || LOOPBACK.test(new URL(text).hostname), {
    message: "expected https: plain http is only for this machine (localhost, 127.0.0.1, [::1])",
  })
/** Text of one to `max` characters. */
export const Text = (max: number) => z.string().min(1).max(max)
