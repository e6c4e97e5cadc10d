import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { sql } from "kysely"
import { describe, expect, it } from "vitest"
import { compareCaseCounts, mergeCaseCounts, repairCaseCounts } from "../../../src/casework/cases/queue/kept-counts.ts"
import { countReceived } from "../../../src/intake/findings/store.ts"

const db = useDatabase()

/** Adds findings of two sources, in every state, some of them with a code. */
async function receive(first: number, last: number): Promise<void> {
  await sql`
    INSERT INTO received_findings (record_id, source_id, finding_id, scan_key, origin, decision, claims_match, notes,
      state, code, received_at)
    SELECT 'record-' || n, 'source-' || n % 2, encode(sha256(n::text::bytea), 'hex'), 's', 'direct', 'quarantine', true,
      '{}', (ARRAY['waiting','verified','denied','refused','kept'])[1 + n % 5],
      CASE WHEN n % 3 = 0 THEN 'nothing-matched' WHEN n % 7 = 0 THEN 'of "another" kind' END, now()
    FROM generate_series(${first}::int, ${last}::int) AS n`.execute(db.database.kysely)
}

async function counted() {
  const { rows } = await sql<{ source_id: string; state: string; code: string | null; findings: number }>`
    SELECT source_id, state, code, count(*)::int AS findings FROM received_findings
    GROUP BY source_id, state, code ORDER BY source_id, state, code`.execute(db.database.kysely)
  return rows
}

describe("counts of received findings", () => {
  it("equal a recount after findings arrived, changed state and were retried, merged or not", async () => {
    const { kysely } = db.database
    await receive(1, 60)
    expect(await countReceived(kysely)).toEqual(await counted())
    await sql`UPDATE received_findings SET state = 'verified', code = NULL WHERE state = 'waiting'`.execute(kysely)
    await sql`UPDATE received_findings SET state = 'waiting', code = 'later' WHERE record_id IN ('record-7', 'record-8')`.execute(
      kysely,
    )
    await Promise.all([receive(61, 90), receive(91, 120), mergeCaseCounts(kysely, 0)])
    expect(await countReceived(kysely)).toEqual(await counted())
    await mergeCaseCounts(kysely, 0)
    expect(await countReceived(kysely)).toEqual(await counted())
    expect(await compareCaseCounts(kysely)).toEqual([])
  })

  it("write no row if a finding changes without changing a count", async () => {
    const { kysely } = db.database
    await receive(201, 210)
    const rows = async () =>
      (await sql<{ n: string }>`SELECT count(*) AS n FROM case_counts WHERE name = 'received'`.execute(kysely)).rows
    const before = await rows()
    await sql`UPDATE received_findings SET tried_at = now()`.execute(kysely)
    expect(await rows()).toEqual(before)
  })

  it("that differ are named, and are right again once they are repaired", async () => {
    const { kysely } = db.database
    await receive(301, 310)
    await sql`DELETE FROM case_counts WHERE name = 'received' AND key LIKE '%verified%'`.execute(kysely)
    expect(await countReceived(kysely)).not.toEqual(await counted())
    expect((await compareCaseCounts(kysely)).map(({ name }) => name)).toContain("received")
    await repairCaseCounts(kysely)
    expect(await countReceived(kysely)).toEqual(await counted())
  })
})
