/**
 * The items of a case: what matched each, where it stands, whether it was decided before. Never the item.
 * @module
 */
import { Button } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { type Column, DataTable } from "../../parts/data-table.tsx"
import { bytes, count, listed } from "../../parts/format.ts"
import { Tag } from "../../parts/tag.tsx"
import type { Alike } from "./near.ts"
import type { Find } from "./queries.ts"
import { cases as say } from "./words.ts"

const { find: words } = say

const HASHES = { md5: "MD5", sha1: "SHA-1", sha256: "SHA-256", pdq: "PDQ" } as const
const LISTS_SHOWN = 6
const ALIKE_SHOWN = 6

/** How many rows are drawn at once. */
const SHOWN = 200

/** The table; one item is the chosen one. */
export function FindsTable(props: {
  readonly finds: readonly Find[]
  readonly chosen: string | undefined
  readonly onChoose: (findId: string) => void
  readonly onLook: ((findId: string) => void) | undefined
  /** What each item looks like, by its id. */
  readonly alike: ReadonlyMap<string, Alike>
}): ReactNode {
  const { finds, chosen, onChoose, onLook, alike } = props
  const columns: readonly Column<Find>[] = [
    {
      name: words.columns.item,
      cell: (find) => (
        <>
          <button
            type="button"
            className="cases-item"
            aria-pressed={find.findId === chosen}
            onClick={() => onChoose(find.findId)}
          >
            {count(find.position + 1)}
          </button>{" "}
          <Tag tone={find.strength === "exact" ? "accent" : "plain"}>{words.strength[find.strength]}</Tag>
          <span className="quiet block">
            {find.mediaType}, <span className="nowrap">{bytes(find.sizeBytes)}</span>
          </span>
        </>
      ),
    },
    {
      name: words.columns.match,
      cell: (find) => (
        <>
          <Matches find={find} />
          <LooksLike alike={alike.get(find.findId)} />
        </>
      ),
    },
    { name: words.columns.places, cell: ({ locations }) => count(locations) },
    { name: words.columns.evidence, cell: (find) => <Evidence find={find} /> },
  ]
  return (
    <DataTable
      className="cases-finds"
      rows={finds.slice(0, SHOWN)}
      keyOf={({ findId }) => findId}
      isChosen={({ findId }) => findId === chosen}
      columns={onLook === undefined ? columns : [...columns, lookColumn(onLook)]}
    />
  )
}

function lookColumn(onLook: (findId: string) => void): Column<Find> {
  return {
    cell: ({ evidence, findId, position }) =>
      evidence?.content === "verified" && (
        <Button
          variant="subtle"
          onClick={() => onLook(findId)}
          aria-label={`${words.look}: ${say.context.of(position + 1)}`}
        >
          {words.look}
        </Button>
      ),
  }
}

function Matches({ find }: { readonly find: Find }): ReactNode {
  const { matches, rule } = find
  if (matches.length === 0) {
    return (
      <>
        {words.noMatch}
        <span className="quiet block">{words.rule(rule)}</span>
      </>
    )
  }
  return [...Map.groupBy(matches, ({ list, category }) => `${list} · ${category}`)]
    .slice(0, LISTS_SHOWN)
    .map(([name, found]) => (
      <span key={name} className="block">
        {name}
        <span className="quiet block">{waysOf(found).join("; ")}</span>
      </span>
    ))
}

/** Other items that it looks like: seen once, the like of it need not be seen again. */
function LooksLike({ alike }: { readonly alike: Alike | undefined }): ReactNode {
  if (alike === undefined) return null
  const { positions, cases } = alike
  return (
    <>
      {positions.length > 0 && (
        <span className="quiet block">
          {words.alike(listed(positions.slice(0, ALIKE_SHOWN).map((at) => count(at + 1))))}
        </span>
      )}
      {cases.slice(0, ALIKE_SHOWN).map((caseId, at) => (
        <span key={caseId} className="quiet block">
          {words.alikeElsewhere}{" "}
          <Link to="/cases/$caseId" params={{ caseId }}>
            {words.alikeCase(at + 1)}
          </Link>
        </span>
      ))}
    </>
  )
}

/** How an item matched one list: by which bytes, by which distance. */
function waysOf(matches: Find["matches"]): readonly string[] {
  const bytesOf = [
    ...new Set(matches.filter(({ hashType }) => hashType !== "pdq").map(({ hashType }) => HASHES[hashType])),
  ]
  const alike = matches
    .filter(({ hashType }) => hashType === "pdq")
    .toSorted((a, b) => a.distanceBits - b.distanceBits)[0]
  return [
    ...(bytesOf.length > 0 ? [words.bySha(listed(bytesOf))] : []),
    ...(alike === undefined ? [] : [words.byPdq(alike.distanceBits, alike.radiusBits)]),
    ...(matches.some(({ declared }) => declared === true) ? [words.declared] : []),
  ]
}

function Evidence({ find }: { readonly find: Find }): ReactNode {
  const { evidence, digests, knownCase } = find
  return (
    <>
      {evidence === undefined ? words.noEvidence : evidence.content === "verified" ? words.sealed : words.contextOnly}
      <span className="quiet block">{digests === "verified" ? words.verified : words.claimed}</span>
      {knownCase !== undefined && (
        <span className="quiet block">
          {words.known}:{" "}
          <Link to="/cases/$caseId" params={{ caseId: knownCase }}>
            {words.knownLink}
          </Link>
        </span>
      )}
    </>
  )
}
