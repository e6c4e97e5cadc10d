/**
 * Material of a report that nobody prepared: what the custodian can check, and nothing else. Names that are not of a
 * plain form are left out.
 * @module
 */
import type { DraftLocation, DraftMaterial } from "../reports/draft/material.ts"
import { nameOf } from "../reports/draft/provenance.ts"

/** Values that the template's slot `name` accepts. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._=@+-]{0,99}$/
/** Values that its slot `time` accepts. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/

/**
 * Leaves out what a template has no slot for.
 *
 * @param manualReports - Ids of reports that a person filed manually, which the custodian does not know.
 */
export function automaticMaterial(material: DraftMaterial, manualReports: readonly string[]): DraftMaterial {
  return {
    ...material,
    items: material.items.map((caseItem) => ({ ...caseItem, locations: caseItem.locations.map(plainLocation) })),
    priorReports: material.priorReports.filter((id) => !manualReports.includes(id)),
    account: material.account === undefined ? undefined : { ...material.account, ipCaptures: [] },
  }
}

function plainLocation(location: DraftLocation): DraftLocation {
  const { shard, key, screenedAt, datasetName, licence, ...rest } = location
  const plain = {
    datasetName: matching(NAME, datasetName),
    shard: matching(NAME, nameOf(shard)),
    key: matching(NAME, nameOf(key)),
    licence: matching(NAME, licence),
    screenedAt: matching(TIME, screenedAt),
  }
  return { ...rest, ...Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined)) }
}

function matching(form: RegExp, text: string | undefined): string | undefined {
  return text !== undefined && form.test(text) ? text : undefined
}
