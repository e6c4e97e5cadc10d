/**
 * The custodian as the server sees it: a Unix socket that opens evidence on grants that the custodian itself verifies.
 * The server passes grants on; it cannot make one.
 * @module
 */
import type {
  AttestationBody,
  AuthorisationEntries,
  AuthorisationEntry,
  AuthorisationRevocationBody,
  CheckpointBody,
  CheckpointHead,
  CustodianState,
  DestructionBody,
  DestructionReceipt,
  DestructionRecords,
  DisclosureReceipt,
  EnrolBody,
  EnrolledKeys,
  Enrolments,
  FilingAnswer,
  FilingJournal,
  FilingJournals,
  FilingTemplate,
  IntakeAnswer,
  IntakeBody,
  ListSnapshot,
  Notice,
  ProvenAuthorisation,
  ProvenGrant,
  ViewingAnswer,
} from "@nightlight/contract/custodian"
import type { z } from "zod"

/**
 * Calls the custodian. Every method throws {@link DependencyError} `unavailable` or `timed_out` when there is no
 * answer, and {@link RequestError} with the custodian's code when it refuses.
 */
export interface CustodianClient {
  state(): Promise<z.infer<typeof CustodianState>>
  /** Proves the passphrase, and unlocks a locked custodian. Only for the host's commands. */
  unlock(passphrase: string): Promise<void>
  enrol(body: EnrolBody): Promise<void>
  /** Who may prove what, with their public keys. */
  enrolments(): Promise<Enrolments>
  /** Every key that was ever enrolled, by the custodian's journal. */
  enrolledKeys(): Promise<EnrolledKeys>
  /** Destroys evidence, or confirms again that it did. */
  destroy(body: DestructionBody): Promise<DestructionReceipt>
  /** Every sealed file that the custodian was asked to destroy. */
  destructions(): Promise<z.infer<typeof DestructionRecords>>
  /** Permits a disclosure, or confirms again that it did. */
  disclose(proven: ProvenGrant): Promise<DisclosureReceipt>
  intake(body: IntakeBody, signal?: AbortSignal): Promise<IntakeAnswer>
  view(proven: ProvenGrant): Promise<z.infer<typeof ViewingAnswer>>
  attest(body: z.infer<typeof AttestationBody>): Promise<void>
  openFiling(body: { proven: ProvenGrant; document: unknown; attempt: number }): Promise<FilingAnswer>
  upload(grantId: string, evidenceId: string, attempt: number): Promise<FilingAnswer>
  describe(
    grantId: string,
    evidenceId: string,
    body: { attempt: number; fileId: string; details: unknown; template?: FilingTemplate },
  ): Promise<FilingAnswer>
  finish(grantId: string, attempt: number): Promise<FilingAnswer>
  retract(grantId: string, attempt: number): Promise<FilingAnswer>
  abandon(grantId: string, attempt: number): Promise<void>
  filing(grantId: string): Promise<FilingJournal>
  filings(): Promise<z.infer<typeof FilingJournals>>
  /** Passes on a filing authorisation; a second time changes nothing. */
  grantAuthorisation(proven: ProvenAuthorisation): Promise<AuthorisationEntry>
  revokeAuthorisation(body: AuthorisationRevocationBody): Promise<AuthorisationEntry>
  /** Snapshots of hash lists that the custodian can match against. */
  lists(): Promise<readonly ListSnapshot[]>
  authorisations(): Promise<z.infer<typeof AuthorisationEntries>>
  /** How far the log was signed. */
  checkpointHead(): Promise<CheckpointHead>
  /** Sends lines of the log that follow the signed head. Returns the line of the checkpoint at their end. */
  checkpoint(shown: z.infer<typeof CheckpointBody>): Promise<string>
  /** Sends events that a restored database must not forget; a second time changes nothing. */
  sendNotices(lines: readonly string[]): Promise<void>
  /** Notices whose event had a higher number in the log at that time. */
  notices(afterSeq: number): Promise<readonly Notice[]>
  /** Which of these events the custodian was never told of. */
  unknownNotices(hashes: readonly string[]): Promise<readonly string[]>
}
