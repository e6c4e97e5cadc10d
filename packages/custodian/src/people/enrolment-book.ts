import type { AuditEvent } from "@nightlight/vault/audit"
import type { Book } from "../journal/journal.ts"
import { type EnrolmentFile, untrusted } from "./enrolment-file.ts"

interface Announced {
  readonly version: number
  readonly fileSha256: string
}

/** Knows which file of enrolments was written, and which one was about to be, from the journal. */
export class EnrolmentBook implements Book {
  #done: Announced = { version: 0, fileSha256: "" }
  #intended: Announced | undefined

  apply({ type, data }: AuditEvent): void {
    if (!type.startsWith("enrolment.")) return
    const announced = { version: Number(data["version"]), fileSha256: data["fileSha256"] as string }
    if (type === "enrolment.intended") this.#intended = announced
    else {
      this.#done = announced
      this.#intended = undefined
    }
  }

  /** Whether the journal says that this file was written. */
  isDone({ fileSha256 }: EnrolmentFile): boolean {
    return fileSha256 === this.#done.fileSha256
  }

  /**
   * Checks that a file is the last one written, or the one that was about to be.
   *
   * @throws {IntegrityError} `key_unusable` if it is neither.
   */
  assertAnnounced({ content: { version }, fileSha256 }: EnrolmentFile): void {
    if (fileSha256 === this.#done.fileSha256 || fileSha256 === this.#intended?.fileSha256) return
    if (version < this.#done.version) throw untrusted("are older than the journal says")
    if (version > this.#done.version) throw untrusted("are ahead of the journal, which did not announce them")
    throw untrusted("are not those in the journal")
  }
}
