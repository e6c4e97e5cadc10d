import { z } from "zod"
import { LOOPBACK, Origin, Text } from "./parts.ts"

const isCallable = (text: string) => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.username !== "" || url.password !== "") return false
  return url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.test(url.hostname))
}

/** A place that checkpoints are copied to. */
export const CheckpointCopy = z.union([
  z.strictObject({ folder: Text(1024).describe("Folder on other storage, relative to this file's.") }),
  z.strictObject({
    s3: z
      .strictObject({
        endpoint: Origin.describe("Origin of the S3 service, such as `https://s3.eu-central-1.amazonaws.com`."),
        region: z
          .string()
          .regex(/^[a-z0-9-]{1,40}$/)
          .describe("Region that requests are signed for."),
        bucket: z
          .string()
          .regex(/^[a-z0-9][a-z0-9.-]{2,62}$/)
          .describe("A bucket with object lock."),
        prefix: z
          .string()
          .max(200)
          .regex(/^(?:[A-Za-z0-9._-]+\/)*$/, "expected names, each followed by a /")
          .default("")
          .describe("Prefix of objects' names."),
        retainDays: z.int().min(1).max(36_500).default(2_555).describe("Days for which each object is locked."),
        credentialsFile: Text(1024).describe("File (0600) of JSON with `accessKeyId` and `secretAccessKey`."),
      })
      .describe("One locked object for each checkpoint."),
  }),
  z.strictObject({
    witness: z
      .strictObject({
        url: z
          .string()
          .max(2048)
          .refine(isCallable, "expected https, or http on this machine")
          .describe("Takes lines."),
        publicKey: Text(1024).describe("Its public key, PEM (Ed25519), which checks receipts."),
        keyFile: Text(1024).nullable().default(null).describe("File (0600) with the bearer key of calls; null: none."),
      })
      .describe("Another witness, which signs a receipt for each checkpoint."),
  }),
])
