import { fileDetailsRule } from "../rules/file-details.ts"
import { deviceId, ipCaptureEvent } from "./account.ts"
import {
  all,
  atMostOneOf,
  attribute,
  attributed,
  flags,
  named,
  oneOrMore,
  optional,
  repeated,
  required,
  requiredAttribute,
  ruled,
  sequence,
} from "./build.ts"
import type { ValueOf } from "./infer.ts"
import { boolean, fileToken, oneOf, pastTime, reportNumber, text, textUpTo, url } from "./scalars.ts"
import { DETAIL_TYPES, FILE_ANNOTATIONS, FILE_RELEVANCES, INDUSTRY_CLASSIFICATIONS } from "./vocabulary.ts"

/** Marks of a file. */
export const fileAnnotations = named("fileAnnotations", all(flags(FILE_ANNOTATIONS)))

const nameValue = named("nameValue", sequence([required("name", textUpTo(64)), required("value", text)]))

const details = sequence(
  [oneOrMore("nameValuePair", nameValue)],
  attribute("type", oneOf("metadataTypes", DETAIL_TYPES)),
)

/** The document that describes an uploaded file. */
export const fileDetailsElement = required(
  "fileDetails",
  ruled(
    sequence([
      required("reportId", reportNumber),
      required("fileId", fileToken),
      optional("fileName", text, { doc: "In the schema; the documentation does not mention it." }),
      optional("originalFileName", textUpTo(2056)),
      optional("uploadedToEspTimestamp", pastTime),
      optional("locationOfFile", url),
      optional("fileViewedByEsp", boolean, { doc: "Someone at the provider viewed the entire contents of this file." }),
      optional("exifViewedByEsp", boolean, { doc: "True only where fileViewedByEsp is." }),
      optional("publiclyAvailable", boolean, { doc: "The entire contents were publicly accessible." }),
      optional("fileRelevance", oneOf("fileRelevance", FILE_RELEVANCES)),
      atMostOneOf(
        optional("potentialMeme", boolean, { doc: "Older form of the annotation." }),
        optional("fileAnnotations", fileAnnotations),
      ),
      optional("industryClassification", oneOf("fileClassification", INDUSTRY_CLASSIFICATIONS)),
      repeated(
        "originalFileHash",
        named("hash", attributed(textUpTo(64), requiredAttribute("hashType", textUpTo(64)))),
        {
          doc: "Of the file as it was uploaded, before any change by the provider.",
        },
      ),
      optional("ipCaptureEvent", ipCaptureEvent, { doc: "At most one, unlike in a report." }),
      repeated("deviceId", deviceId),
      repeated("details", details),
      repeated("additionalInfo", text),
    ]),
    fileDetailsRule,
  ),
)

/** A `<fileDetails>` as a plain object, members under their XML names. */
export type FileDetailsInput = ValueOf<typeof fileDetailsElement.type>
