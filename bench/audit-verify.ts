/**
 * A process that verifies a database once, so that its memory is that of nothing else: prints seconds and bytes.
 *
 * `node -C @nightlight/source bench/audit-verify.ts CONNECTION`, the connection as JSON.
 * @module
 */

import { TEST_AUTHORITY } from "@nightlight/dev-env/database/authority"
import { verifyDatabase } from "../packages/server/src/oversight/audit/verify-database.ts"
import { openDatabase } from "../packages/server/src/platform/db/pool.ts"
import type { Tables } from "../packages/server/src/platform/db/tables.ts"

const connection = JSON.parse(process.argv[2] ?? "{}") as object
const database = openDatabase<Tables>(connection, TEST_AUTHORITY)
const started = performance.now()
const { ok } = await verifyDatabase(database.kysely, {})
const seconds = (performance.now() - started) / 1000
await database.close()
process.stdout.write(`${JSON.stringify({ ok, seconds, bytes: process.resourceUsage().maxRSS * 1024 })}\n`)
