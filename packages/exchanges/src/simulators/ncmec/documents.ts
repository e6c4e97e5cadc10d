/**
 * The documents of a simulated NCMEC hash sharing.
 * @module
 */
import type { SimulatedEntry, StoredEntry } from "./simulator.ts"

const NAMESPACE = 'xmlns="https://hashsharing.ncmec.org/hashsharing/v2"'

/** Who is signed in. */
export function statusXml(): string {
  return `<status ${NAMESPACE}><ipAddress>127.0.0.1</ipAddress><username>simulated</username><member id="1">Simulated member</member></status>`
}

/** Every member, by id. */
export function membersXml(members: ReadonlyMap<number, string>): string {
  return `<members ${NAMESPACE}>${[...members].map(([id, name]) => `<member id="${id}">${escapeXml(name)}</member>`).join("")}</members>`
}

/** The reasons of negative votes. */
export function reasonsXml(): string {
  const guid = "01234567-abcd-0123-4567-012345678900"
  return `<availableFeedbackReasons ${NAMESPACE}><reason guid="${guid}" name="Simulated reason" type="Sha1"/></availableFeedbackReasons>`
}

/** A page of entries. @param next - The next page's address, if there is one. */
export function queryResultXml(page: readonly StoredEntry[], next?: string): string {
  const ofMedium = (medium: "image" | "video") =>
    page.filter(({ entry }) => (entry.medium ?? "image") === medium).map((stored) => entryXml(stored, medium))
  const groups = (["image", "video"] as const).map((medium) => {
    const entries = ofMedium(medium)
    return `<${medium}s count="${entries.length}">${entries.join("\n")}</${medium}s>`
  })
  const paging = next === undefined ? "" : `<paging><next>${escapeXml(next)}</next></paging>`
  return `<queryResult ${NAMESPACE}>\n${groups.join("\n")}\n${paging}</queryResult>`
}

function entryXml({ entry, isDeleted, timestamp }: StoredEntry, medium: "image" | "video"): string {
  const { memberId, id, classification, fingerprints, fields = {} } = entry
  const member = `<member id="${memberId}">Simulated member ${memberId}</member>`
  const time = `<timestamp>${timestamp.toISOString()}</timestamp>`
  if (isDeleted) {
    const element = medium === "image" ? "deletedImage" : "deletedVideo"
    return `<${element}>${member}<id>${escapeXml(id)}</id>${time}</${element}>`
  }
  const prints = Object.entries(fingerprints).map(([type, text]) =>
    text === ""
      ? `<${type} rel="self" href="/v2/entries/${memberId}/${encodeURIComponent(id)}/${type.toUpperCase()}"/>`
      : `<${type}>${escapeXml(text)}</${type}>`,
  )
  const more = Object.entries(fields).map(([name, text]) => `<${name}>${escapeXml(text)}</${name}>`)
  const category = classification === undefined ? "" : `<classification>${escapeXml(classification)}</classification>`
  return `<${medium}>${member}${time}<id>${escapeXml(id)}</id>${category}<fingerprints>${prints.join("")}</fingerprints>${feedbackXml(entry)}${more.join("")}</${medium}>`
}

function feedbackXml({ affirmative = {}, negative = {} }: SimulatedEntry): string {
  const members = (ids: readonly number[]) =>
    `<members>${ids.map((id) => `<member id="${id}">Simulated member ${id}</member>`).join("")}</members>`
  const confirmed = Object.entries(affirmative).map(
    ([type, ids]) => `<affirmativeFeedback type="${type}">${members(ids)}</affirmativeFeedback>`,
  )
  const disputed = Object.entries(negative).map(
    ([type, ids]) =>
      `<negativeFeedback type="${type}"><reasons><reason guid="01234567-abcd-0123-4567-012345678900" name="Simulated reason" type="${type}"/>${members(ids)}</reasons></negativeFeedback>`,
  )
  const all = [...confirmed, ...disputed].join("")
  return all === "" ? "" : `<feedback>${all}</feedback>`
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")
}
