import { randomUUID } from "node:crypto"
import {
  type CustodianRole,
  type CustodyKeyPair,
  createPersonKey,
  createViewerKey,
  enrolmentProof,
  type Grant,
  type ProvenGrant,
  proveGrant,
} from "@nightlight/contract/custodian"
import { askCustodian, createCustodianClient } from "@nightlight/custodian"
import { SoftAuthenticator } from "../simulators/authenticator.ts"
import { PASSPHRASE, type SealedItem } from "./folders.ts"

/** A person with a signing key. */
export interface Person {
  readonly id: string
  readonly key: CustodyKeyPair
}

/** Makes a person with a new signing key, not enrolled. */
export async function makePerson(id: string): Promise<Person> {
  return { id, key: await createPersonKey() }
}

/** Invites and enrols a person, as the host command and the person's browser do. */
export async function enrol(socket: string, id: string, roles: readonly CustodianRole[]): Promise<Person> {
  const person = await makePerson(id)
  const { code } = await createCustodianClient(socket).invite(PASSPHRASE, id, roles)
  const answer = await complete(socket, person, code)
  if (answer.status !== 200) throw new Error(`expected to be enrolled, got ${answer.status}`)
  return person
}

/** A person with a passkey and a signing key. */
export interface PasskeyPerson extends Person {
  readonly passkey: SoftAuthenticator
}

/** As {@link enrol}, with a passkey. */
export async function enrolPasskey(
  socket: string,
  id: string,
  roles: readonly CustodianRole[],
): Promise<PasskeyPerson> {
  const { key } = await makePerson(id)
  const passkey = new SoftAuthenticator()
  const { credentialId, publicKey } = passkey
  const { code } = await createCustodianClient(socket).invite(PASSPHRASE, id, roles)
  const proof = await enrolmentProof(code, id, key.publicKey, { credentialId, publicKey })
  const body = { person: id, publicKey: key.publicKey, passkey: { credentialId, publicKey }, proof }
  const answer = await askCustodian(socket, { method: "POST", path: "/v1/enrolments/complete", body })
  if (answer.status !== 200) throw new Error(`expected to be enrolled, got ${answer.status}`)
  return { id, key, passkey }
}

/** Completes an enrolment with a proof of the code. */
export async function complete(socket: string, { id, key }: Person, code: string) {
  const proof = await enrolmentProof(code, id, key.publicKey)
  const body = { person: id, publicKey: key.publicKey, proof }
  return askCustodian(socket, { method: "POST", path: "/v1/enrolments/complete", body })
}

/** Proves a grant as these people, in this order. */
export async function prove(grant: Grant, ...people: readonly Person[]): Promise<ProvenGrant> {
  const proofs = await Promise.all(people.map(({ id, key }) => proveGrant(grant, id, key.privateKey)))
  return { grant, proofs }
}

/** Makes a viewing grant with the viewer's key, valid now. */
export async function viewingGrant(
  person: Person,
  evidence: SealedItem,
  change: { readonly purpose?: "derivative" | "original"; readonly now?: Date } & Partial<Omit<Grant, "purpose">> = {},
) {
  const viewer = await createViewerKey()
  const { purpose = "derivative", now = new Date(), ...rest } = change
  const grant = {
    format: "nightlight-grant/1",
    grantId: randomUUID(),
    caseId: "case-1",
    issuedAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + 5 * 60_000).toISOString(),
    purpose,
    person: person.id,
    reason: "decide",
    evidence,
    viewerKey: viewer.publicKey,
    ...rest,
  } as Extract<Grant, { purpose: "derivative" | "original" }>
  return { grant, viewer }
}

/** Calls the custodian over its socket. */
export function post(socket: string, path: string, body: unknown) {
  return askCustodian(socket, { method: "POST", path, body })
}

/** Reads from the custodian over its socket. */
export function get(socket: string, path: string) {
  return askCustodian(socket, { method: "GET", path })
}
