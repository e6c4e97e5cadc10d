import type { CheckContext } from "../validate/problem.ts"

interface FileDetails {
  readonly fileViewedByEsp?: boolean
  readonly exifViewedByEsp?: boolean
  readonly fileRelevance?: string
  readonly potentialMeme?: boolean
  readonly fileAnnotations?: Readonly<Record<string, true | undefined>>
  readonly industryClassification?: string
}

/** The documentation's rules for file details. */
export function fileDetailsRule(value: FileDetails, context: CheckContext): void {
  if (value.exifViewedByEsp === true && value.fileViewedByEsp !== true) {
    context.report("exifViewedByEsp", "rule", "requires fileViewedByEsp to be true")
  }
  if (value.fileRelevance === "Supplemental Reported") supplementalRule(value, context)
  if (context.batched) batchedFileRule(value, context)
}

function supplementalRule(value: FileDetails, { report }: CheckContext): void {
  const { potentialMeme, fileAnnotations, industryClassification } = value
  const message = "must not be given for a supplemental file"
  if (potentialMeme === true) report("potentialMeme", "rule", message)
  if (fileAnnotations?.["potentialMeme"] !== undefined) report("fileAnnotations.potentialMeme", "rule", message)
  if (industryClassification !== undefined) report("industryClassification", "rule", message)
}

const FORBIDDEN_IN_BATCH = [
  "originalFileName",
  "locationOfFile",
  "originalFileHash",
  "ipCaptureEvent",
  "deviceId",
  "details",
  "additionalInfo",
]

/** The only file of a batched report is a viral or potential meme, with few other details. */
function batchedFileRule(value: FileDetails, { report }: CheckContext): void {
  const annotations = Object.entries(value.fileAnnotations ?? {}).filter(([, set]) => set === true)
  const isMeme = annotations.some(([name]) => name === "viral" || name === "potentialMeme")
  if (!isMeme) report("fileAnnotations", "required", "requires viral or potentialMeme in a batched report")
  for (const [name] of annotations) {
    if (name !== "viral" && name !== "potentialMeme") {
      report(`fileAnnotations.${name}`, "rule", "must not be given in a batched report")
    }
  }
  if (value.fileRelevance !== undefined && value.fileRelevance !== "Reported") {
    report("fileRelevance", "rule", "must be Reported in a batched report")
  }
  for (const [name, part] of Object.entries(value)) {
    const isEmpty = part === undefined || (Array.isArray(part) && part.length === 0)
    if (FORBIDDEN_IN_BATCH.includes(name) && !isEmpty) {
      report(name, "rule", "must not be given in a batched report")
    }
  }
}
