import { Button } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { type Column, DataTable } from "../../parts/data-table.tsx"
import { bytes, count, listed } from "../../parts/format.ts"
import { Tag } from "../../parts/tag.tsx"
import type { SimilarItems } from "./near.ts"
import type { CaseItem } from "./queries.ts"
import { cases as say } from "./words.ts"

const { item: words } = say

const HASHES = { md5: "MD5", sha1: "SHA-1", sha256: "SHA-256", pdq: "PDQ", url: "address" } as const
const LISTS_SHOWN = 6
const ALIKE_SHOWN = 6

/** Number of rows rendered at once. */
const SHOWN = 200

/**
 * The items of a case: matches, evidence, and other cases with the same item. One item is selected. Never the media.
 */
export function ItemsTable(props: {
  readonly items: readonly CaseItem[]
  readonly chosen: string | undefined
  readonly onChoose: (itemId: string) => void
  readonly onView: ((itemId: string) => void) | undefined
  /** Similar items, by item id. */
  readonly alike: ReadonlyMap<string, SimilarItems>
}): ReactNode {
  const { items: caseItems, chosen, onChoose, onView, alike } = props
  const columns: readonly Column<CaseItem>[] = [
    {
      name: words.columns.item,
      cell: (caseItem) => (
        <>
          <button
            type="button"
            className="cases-item"
            aria-pressed={caseItem.itemId === chosen}
            onClick={() => onChoose(caseItem.itemId)}
          >
            {count(caseItem.position + 1)}
          </button>{" "}
          <Tag tone={caseItem.strength === "exact" ? "accent" : "plain"}>{words.strength[caseItem.strength]}</Tag>
          <span className="quiet block">
            {caseItem.mediaType}, <span className="nowrap">{bytes(caseItem.sizeBytes)}</span>
          </span>
        </>
      ),
    },
    {
      name: words.columns.match,
      cell: (caseItem) => (
        <>
          <Matches item={caseItem} />
          <LooksLike alike={alike.get(caseItem.itemId)} />
        </>
      ),
    },
    { name: words.columns.places, cell: ({ locations }) => count(locations) },
    { name: words.columns.evidence, cell: (caseItem) => <Evidence item={caseItem} /> },
  ]
  return (
    <DataTable
      className="cases-items"
      rows={caseItems.slice(0, SHOWN)}
      keyOf={({ itemId }) => itemId}
      isChosen={({ itemId }) => itemId === chosen}
      columns={onView === undefined ? columns : [...columns, viewingColumn(onView)]}
    />
  )
}

function viewingColumn(onView: (itemId: string) => void): Column<CaseItem> {
  return {
    cell: ({ evidence, itemId, position }) =>
      evidence?.content === "verified" && (
        <Button
          variant="subtle"
          onClick={() => onView(itemId)}
          aria-label={`${words.viewing}: ${say.context.of(position + 1)}`}
        >
          {words.viewing}
        </Button>
      ),
  }
}

function Matches({ item: caseItem }: { readonly item: CaseItem }): ReactNode {
  const { matches, rule } = caseItem
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

/** Similar items of this and other cases, so that nobody needs to view the same thing twice. */
function LooksLike({ alike }: { readonly alike: SimilarItems | undefined }): ReactNode {
  if (alike === undefined) return null
  const { positions, cases } = alike
  return (
    <>
      {positions.length > 0 && (
        <span className="quiet block">
          {words.alike(listed(positions.slice(0, ALIKE_SHOWN).map((position) => count(position + 1))))}
        </span>
      )}
      {cases.slice(0, ALIKE_SHOWN).map((caseId, index) => (
        <span key={caseId} className="quiet block">
          {words.alikeElsewhere}{" "}
          <Link to="/cases/$caseId" params={{ caseId }}>
            {words.alikeCase(index + 1)}
          </Link>
        </span>
      ))}
    </>
  )
}

/** How an item matched one list: by equal bytes, or at which perceptual distance. */
function waysOf(matches: CaseItem["matches"]): readonly string[] {
  const bytesOf = [
    ...new Set(
      matches
        .filter(({ hashType }) => hashType !== "pdq" && hashType !== "url")
        .map(({ hashType }) => HASHES[hashType]),
    ),
  ]
  const alike = matches
    .filter(({ hashType }) => hashType === "pdq")
    .toSorted((a, b) => a.distanceBits - b.distanceBits)[0]
  return [
    ...(bytesOf.length > 0 ? [words.bySha(listed(bytesOf))] : []),
    ...(alike === undefined ? [] : [words.byPdq(alike.distanceBits, alike.radiusBits)]),
    ...(matches.some(({ hashType }) => hashType === "url") ? [words.byAddress] : []),
    ...(matches.some(({ declared, hashType }) => declared === true && hashType !== "url") ? [words.declared] : []),
  ]
}

function Evidence({ item: caseItem }: { readonly item: CaseItem }): ReactNode {
  const { evidence, digests, knownCase } = caseItem
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
