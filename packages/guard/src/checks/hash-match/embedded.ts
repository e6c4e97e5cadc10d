/**
 * Finds pictures inside texts, in whatever encoding: a chat window shows them like any other picture.
 * @module
 */
import { compact } from "@nightlight/core"
import type { PictureInText } from "@nightlight/core/embedded"
import type { BytesPart, TextPart } from "../../inspect/inspectable.ts"
import type { Check, Signal, Verdict } from "../check.ts"
import { type Found, type Searched, searchPictures } from "./search.ts"

/**
 * Makes the check of texts from the check of pictures.
 *
 * Text that begins as a picture and cannot be decoded is blocked too, except what shows nothing: a signature or a few
 * headers, as tutorials quote them (docs/adr/0025).
 *
 * @param pictures - the check that matches pictures against the lists.
 */
export function createEmbeddedMatch(pictures: Check): Check {
  return {
    name: `${pictures.name}-in-text`,
    kind: "match",
    coverage: { directions: ["input", "output"], media: ["text"] },
    deadlineMs: pictures.deadlineMs,
    failureMode: "closed",
    screens: () => false,
    findsPending: true,
    run: (items, context, signal) => {
      const match = ({ found, isTooMuch, pendingFrom }: Searched): Verdict | Promise<Verdict> => {
        if (isTooMuch) return TOO_MUCH
        if (found.length === 0) return said([], pendingFrom)
        const parts = found.map(({ picture, place }) => toPart(picture, place))
        return Promise.resolve(pictures.run(parts, context, signal)).then(({ signals }) =>
          said(
            signals.flatMap((one) => toTextSignal(one, found)),
            pendingFrom,
          ),
        )
      }
      const searched = searchPictures(items, context.direction, signal)
      return searched instanceof Promise ? searched.then(match) : match(searched)
    },
  }
}

const TOO_MUCH: Verdict = {
  signals: [{ check: "", rule: "too-many", decision: "inconclusive" }],
  screened: false,
}

function said(signals: readonly Signal[], pendingFrom: number | undefined): Verdict {
  return compact({ signals, screened: false, pendingFrom })
}

function toPart({ bytes }: PictureInText, { role, choice, path }: TextPart): BytesPart {
  return { kind: "bytes", role, channel: "image", choice, path, bytes }
}

function toTextSignal({ item, ...signal }: Signal, found: readonly Found[]): Signal[] {
  const source = item === undefined ? undefined : found[item]
  if (signal.decision === "inconclusive" && source?.picture.shows === false) return []
  return [source?.item === undefined ? signal : { ...signal, item: source.item }]
}
