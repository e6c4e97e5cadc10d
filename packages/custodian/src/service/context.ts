/**
 * All parts of the service, constructed in one place.
 * @module
 */
import { readFile, stat } from "node:fs/promises"
import type { CustodianState } from "@nightlight/contract/custodian"
import { compact, hasCode, type JsonValue } from "@nightlight/core"
import { createDeriver } from "@nightlight/decoder"
import { openKeyedDigest, openSigner, openVerifier, publicKeyPath, readManifest } from "@nightlight/vault"
import { finishCheckpointKeyRotation } from "../checkpoints/key-rotation.ts"
import { openWitness, type Witness } from "../checkpoints/witness.ts"
import { KEY_ROTATED, WitnessBook } from "../checkpoints/witness-book.ts"
import type { CustodianConfig } from "../config.ts"
import { DestructionBook } from "../destructions/destruction-book.ts"
import { createDestructions, type Destructions } from "../destructions/destructions.ts"
import { createDisclosures, DisclosureBook, type Disclosures } from "../disclosures/disclosures.ts"
import { createFilingAuthorisations, type FilingAuthorisations } from "../filing-authorisations/authorisations.ts"
import { AuthorisationBook } from "../filing-authorisations/book.ts"
import { createListSnapshots, type ListSnapshots } from "../filing-authorisations/list-snapshots.ts"
import { FilingBook } from "../filings/filing-book.ts"
import { createFilings, type Filings } from "../filings/filings.ts"
import { createReceipts } from "../filings/receipts.ts"
import { createTipline } from "../filings/tipline.ts"
import { GrantBook } from "../grants/grant-book.ts"
import { createGrants } from "../grants/grants.ts"
import { createIntake, type Intake } from "../intake/intake.ts"
import { assertIsolated, isolationFor, readIsolation } from "../isolation.ts"
import { type Journal, openJournal, SELF } from "../journal/journal.ts"
import { createConcurrencyLimit } from "../journal/serial.ts"
import { type Keyring, openKeyring } from "../keys/keyring.ts"
import type { CustodianLayout, ReportEnvironment } from "../layout.ts"
import { credentialsPath } from "../layout.ts"
import { NoticeBook } from "../notices/notice-book.ts"
import { createNotices, type NoticeStore } from "../notices/notices.ts"
import type { TimeSources } from "../own-clock.ts"
import { EnrolmentBook } from "../people/enrolment-book.ts"
import { openPeople, type People } from "../people/enrolments.ts"
import { KeyBook } from "../people/key-book.ts"
import { PasskeyBook } from "../people/passkey-book.ts"
import { createSignatures } from "../people/signatures.ts"
import { RewrapBook } from "../rewraps/rewrap-book.ts"
import { createRewraps, type Rewraps } from "../rewraps/rewraps.ts"
import { createOpener } from "../viewings/opener.ts"
import { ViewingBook } from "../viewings/viewing-book.ts"
import { createViewings, type Viewings } from "../viewings/viewings.ts"
import { ConfigBook, createAdmission } from "./admission.ts"

/** Items that are opened whole at once: each may take hundreds of megabytes. */
const MAX_IN_MEMORY = 2

/** Parts of the process. */
export interface Context extends AsyncDisposable {
  readonly journal: Journal
  readonly keyring: Keyring
  readonly people: People
  readonly viewings: Viewings
  readonly intake: Intake
  readonly witness: Witness
  readonly filings: Filings
  readonly authorisations: FilingAuthorisations
  readonly lists: ListSnapshots
  readonly rewraps: Rewraps
  readonly notices: NoticeStore
  /** All keys that were ever enrolled. */
  readonly keys: KeyBook
  readonly destructions: Destructions
  readonly disclosures: Disclosures
  state(): Promise<CustodianState>
  /**
   * Accepts the key, and records it in the journal.
   *
   * @throws as `assertIsolated`, `Keyring.unlock` and `Admission.admit`.
   */
  unlock(passphrase: string, acceptConfig: boolean): Promise<void>
}

/** Options of the context. */
export interface ContextOptions {
  readonly layout: CustodianLayout
  readonly config: CustodianConfig
  /** The configuration as in its file. */
  readonly writtenConfig: JsonValue
  readonly time: TimeSources
}

/**
 * Opens journal, enrolments and checkpoints, without a key.
 *
 * @throws {IntegrityError} if one of them was altered.
 */
export async function openContext({ layout, config, writtenConfig, time }: ContextOptions): Promise<Context> {
  const signer = await openSigner(layout.journalKey)
  const verifier = await openVerifier(publicKeyPath(layout.journalKey))
  const keyedDigest = await openKeyedDigest(layout.digestKey)
  const books = {
    grants: new GrantBook(),
    viewings: new ViewingBook(),
    filings: new FilingBook(),
    people: new EnrolmentBook(),
    passkeys: new PasskeyBook(),
    authorisations: new AuthorisationBook(),
    witness: new WitnessBook(),
    rewraps: new RewrapBook(),
    config: new ConfigBook(),
    notices: new NoticeBook(),
    keys: new KeyBook(),
    destructions: new DestructionBook(),
    disclosures: new DisclosureBook(),
  }
  const { monotonicMs } = time
  const keyring = await openKeyring({ files: config.identities, recipient: config.recipient, monotonicMs })
  const journal = await openJournal(layout.journal, {
    signer,
    verifier,
    time,
    copy: config.journalCopy,
    books: Object.values(books),
  })
  const people = await openPeople({
    path: layout.enrolments,
    signer,
    verifier,
    journal,
    book: books.people,
    keyBook: books.keys,
    keyring,
    recipient: config.recipient,
  }).catch(async (error: unknown) => {
    await journal.record("custodian.doubted", SELF, { part: "enrolments" })
    await journal[Symbol.asyncDispose]()
    throw error
  })
  const lists = createListSnapshots(config.lists)
  const admission = createAdmission({ journal, people, book: books.config, writtenConfig })
  const { rpId, origins, require } = config.passkeys
  const signatures = createSignatures({ party: { rpId, origins }, require, people, book: books.passkeys })
  const authorisations = createFilingAuthorisations({ journal, book: books.authorisations, people, signatures, lists })
  const grants = createGrants({ config, journal, book: books.grants, people, signatures, authorisations })
  const lanes = createConcurrencyLimit(MAX_IN_MEMORY)
  const opener = createOpener(config.evidence, keyring, books.rewraps)
  const deriver = createDeriver({ limits: { maxBytes: config.sizes.decodedBytes }, isolation: isolationFor(config) })
  const viewings = createViewings({
    config,
    journal,
    book: books.viewings,
    grants,
    keyring,
    opener,
    deriver,
    signatures,
    keyedDigest,
    lanes,
  })
  const intake = createIntake({ config, journal, grants, keyring, opener, lanes })
  const filings = createFilings({
    authorisations,
    config,
    journal,
    book: books.filings,
    viewingBook: books.viewings,
    grants,
    opener,
    receipts: createReceipts({ dir: layout.receipts, recipient: config.recipient, keyring }),
    tipline: createTipline({ layout, config, keyring, clock: journal.clock }),
    keyedDigest,
  })
  const rewraps = createRewraps({
    config,
    root: layout.root,
    receipts: layout.receipts,
    journal,
    book: books.rewraps,
    keyring,
    lanes,
    monotonicMs,
  })
  const destructions = createDestructions({
    evidence: config.evidence,
    journal,
    book: books.destructions,
    filings: books.filings,
    rewraps: books.rewraps,
    grants,
    keyring,
    signer,
  })
  const disclosures = createDisclosures({ journal, book: books.disclosures, grants, keyring, signer })
  const checkpointKeys = await finishCheckpointKeyRotation(layout)
  const witness = await openWitness({
    path: layout.checkpoints,
    copy: config.checkpointCopy,
    hourlyCap: config.caps.checkpoint.total,
    signer: await openSigner(layout.checkpointKey),
    keys: checkpointKeys,
    journal,
    book: books.witness,
    proofs: { people, signatures },
  })

  return {
    journal,
    keyring,
    people,
    viewings,
    intake,
    witness,
    filings,
    authorisations,
    lists,
    rewraps,
    notices: createNotices({ journal, book: books.notices }),
    keys: books.keys,
    destructions,
    disclosures,
    state: async () => ({
      state: keyring.state,
      ...compact({ doubt: admission.doubt }),
      custody: await custodyOf(config.evidence),
      checkpointKey: await readFile(publicKeyPath(layout.checkpointKey), "utf8"),
      journalKey: await readFile(publicKeyPath(layout.journalKey), "utf8"),
      environments: await environmentsOf(layout, config),
      ...readIsolation(config),
      enrolled: people.list().people.filter(({ revokedAt }) => revokedAt === undefined).length,
      passkeys: { rpId, origins: [...origins], require: [...require] },
    }),
    async unlock(passphrase, acceptConfig) {
      await assertIsolated(config)
      await keyring.unlock(passphrase, (identities) => admission.admit(identities, acceptConfig))
      for (const { keyId, seq } of checkpointKeys.handovers.slice(books.witness.handovers)) {
        await journal.record(KEY_ROTATED, SELF, { keyId, logSeq: seq })
      }
      await journal.record("custodian.unlocked", SELF, { manifest: await manifestOf(config) })
    },
    async [Symbol.asyncDispose]() {
      await intake[Symbol.asyncDispose]()
      await journal[Symbol.asyncDispose]()
    },
  }
}

/** Whether another user of this machine than the custodian seals evidence. */
async function custodyOf(evidence: string): Promise<CustodianState["custody"]> {
  const owner = await stat(evidence).catch(() => undefined)
  return owner !== undefined && owner.uid !== process.getuid?.() ? "separated" : "shared"
}

async function environmentsOf(layout: CustodianLayout, { hosts }: CustodianConfig): Promise<ReportEnvironment[]> {
  const wanted: ReportEnvironment[] = hosts.production.enabled ? ["test", "production"] : ["test"]
  const found: ReportEnvironment[] = []
  for (const environment of wanted) {
    if (await stat(credentialsPath(layout, environment)).catch(() => undefined)) found.push(environment)
  }
  return found
}

/** State of the custodian's own key in the manifest by which evidence is sealed. */
async function manifestOf({ recipients, recipient }: CustodianConfig): Promise<string> {
  if (recipients === null) return "not-configured"
  try {
    const { recipients: entries } = await readManifest(recipients.manifest, await openVerifier(recipients.key))
    const entry = entries.find((known) => known.recipient === recipient)
    if (entry === undefined) return "absent"
    return entry.revokedAt === undefined ? "active" : "revoked"
  } catch (error) {
    return hasCode(error, "manifest_untrusted") ? "untrusted" : "unreadable"
  }
}
