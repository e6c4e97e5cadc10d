import { compact } from "@nightlight/core"
import { expect, it, vi } from "vitest"
import { watchChecks } from "../src/admin/check-watch.ts"
import type { Check } from "../src/checks/check.ts"

const check = (name: string, ready?: () => Promise<void>): Check =>
  compact({ name, ready: ready || undefined }) as Check

it("names the checks that cannot work now, including those that never answer", async () => {
  const checks = [
    check("always"),
    check("works", async () => undefined),
    check("broken", () => Promise.reject(new Error("breaker open"))),
    check("silent", () => new Promise(() => {})),
  ]
  const watch = watchChecks(() => checks)
  await vi.waitFor(() => expect(watch.unready()).toEqual(["broken", "silent"]), { timeout: 20_000 })
  watch.close()
})
