/**
 * Staff: who works here, in which roles, trained until when.
 * @module
 */
import { z } from "zod"
import { CustodianState, Enrolments, PasskeyKey, SIGNED_KINDS } from "../custodian/api.ts"
import { P256PublicKey, SIGNED_BY } from "../custodian/signature.ts"
import { Timestamp } from "../screening.ts"

/** What people are allowed to be; `service` is a key's alone. */
export const ROLES = [
  "reviewer",
  "senior-reviewer",
  "reporter",
  "custodian",
  "policy-editor",
  "counsel",
  "auditor",
  "administrator",
] as const

/** One role of a person. */
export const RoleName = z.enum(ROLES)

/** `person-<uuid>`. */
export const PersonIdText = z.string().regex(/^person-[0-9a-f-]{36}$/)

/** Name as colleagues know it. */
export const PersonName = z.string().trim().min(1).max(120)

/** E-mail address in lower case: signs in to a local account, joins nothing else. */
export const PersonEmail = z
  .string()
  .trim()
  .max(254)
  .transform((text) => text.toLowerCase())
  .pipe(z.email())

/** A role that a person holds, and the two who granted it; of set-up's own it is `system-setup`. */
export const HeldRole = z.strictObject({
  role: RoleName,
  grantedAt: Timestamp,
  requestedBy: z.string(),
  approvedBy: z.string(),
})

/** Training of a reviewer: without a current date they neither decide nor look. */
export const Training = z.strictObject({ trainedAt: Timestamp, renewsAt: Timestamp, current: z.boolean() })

/** One person. */
export const PersonView = z.strictObject({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  roles: z.array(HeldRole),
  madeAt: Timestamp,
  madeBy: z.string(),
  /** Absent until the person has set a password or bound a single sign-on. */
  joinedAt: Timestamp.exactOptional(),
  deactivatedAt: Timestamp.exactOptional(),
  training: Training.exactOptional(),
  /** When the person's own signing key was enrolled with the custodian. */
  custodyKeyAt: Timestamp.exactOptional(),
})
export type PersonView = z.infer<typeof PersonView>

/** `GET /v1/people` answer. */
export const PeopleList = z.strictObject({ people: z.array(PersonView) })

/** `GET /v1/people/signing` answer: what each person whom the custodian believes signs with. */
export const PeopleSigning = z.strictObject({
  /** What takes a passkey, whoever signs. */
  require: z.array(z.enum(SIGNED_KINDS)),
  people: z.array(
    z.strictObject({
      id: z.string(),
      /** `kept-key`: a key that the browser keeps, which asks nobody for a gesture. */
      by: z.enum(SIGNED_BY),
      enrolledAt: Timestamp,
    }),
  ),
})

/** `GET /v1/people/names` answer: what colleagues call each other, for whoever is signed in. */
export const PeopleNames = z.strictObject({ people: z.array(z.strictObject({ id: z.string(), name: z.string() })) })

/** `GET /v1/people/counts` answer: the counted, trained, dated list of reviewers, without names. */
export const PeopleCounts = z.strictObject({
  at: Timestamp,
  active: z.int().nonnegative(),
  deactivated: z.int().nonnegative(),
  byRole: z.record(RoleName, z.int().nonnegative()),
  reviewers: z.strictObject({
    trained: z.int().nonnegative(),
    lapsed: z.int().nonnegative(),
    neverTrained: z.int().nonnegative(),
    /** Earliest renewal among those whose training is current. */
    nextRenewal: Timestamp.exactOptional(),
  }),
})
export type PeopleCounts = z.infer<typeof PeopleCounts>

/** `POST /v1/people` body: makes a person without any role and a link to join by. */
export const InviteBody = z.strictObject({ name: PersonName, email: PersonEmail })

/** A link that is shown once, to whoever asked. */
export const LinkAnswer = z.strictObject({ personId: z.string(), url: z.string(), expiresAt: Timestamp })
export type LinkAnswer = z.infer<typeof LinkAnswer>

/** `PUT /v1/people/:personId/training` body. */
export const TrainingBody = z.strictObject({ trainedAt: Timestamp })

/** `POST /v1/people/:personId/roles` body: asks for a role; somebody else approves it. */
export const RoleBody = z.strictObject({ role: RoleName })

/** `GET /v1/me/signing` answer: what the custodian knows of the caller's keys. */
export const MySigning = z.strictObject({
  passkeys: CustodianState.shape.passkeys,
  /** Absent until the caller has brought a key. */
  enrolled: Enrolments.shape.people.element.pick({ keyId: true, passkey: true, enrolledAt: true }).exactOptional(),
})

/** `POST /v1/me/key` body, without the person: it is the caller. Carried to the custodian as it is. */
export const MyKeyBody = z.strictObject({
  publicKey: P256PublicKey,
  passkey: PasskeyKey.exactOptional(),
  proof: z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/),
})
