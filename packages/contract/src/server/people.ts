/**
 * Staff: people, their roles and their training.
 * @module
 */
import { z } from "zod"
import { CustodianState, Enrolments, PasskeyKey, SIGNED_KINDS } from "../custodian/api.ts"
import { P256PublicKey, SIGNED_BY } from "../custodian/signature.ts"
import { Timestamp } from "../screening.ts"

/** Roles of people. */
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

/** E-mail address in lower case: for sign-in to a local account and nothing else. */
export const PersonEmail = z
  .string()
  .trim()
  .max(254)
  .transform((text) => text.toLowerCase())
  .pipe(z.email())

/** A role that a person holds, and the two people who granted it; `system-setup` for those of the set-up. */
export const HeldRole = z.strictObject({
  role: RoleName,
  grantedAt: Timestamp,
  requestedBy: z.string(),
  approvedBy: z.string(),
})

/** Training of a reviewer: without a valid one they can neither decide nor view. */
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

/** `GET /v1/people/signing` answer: what each enrolled person signs with. */
export const PeopleSigning = z.strictObject({
  /** Kinds of document that need a passkey, whoever signs. */
  require: z.array(z.enum(SIGNED_KINDS)),
  people: z.array(
    z.strictObject({
      id: z.string(),
      /** `kept-key`: a key that the browser keeps, which needs no gesture. */
      by: z.enum(SIGNED_BY),
      enrolledAt: Timestamp,
    }),
  ),
})

/** `GET /v1/people/names` answer: colleagues' names, for everybody who is signed in. */
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
    /** Earliest renewal among valid trainings. */
    nextRenewal: Timestamp.exactOptional(),
  }),
})
export type PeopleCounts = z.infer<typeof PeopleCounts>

/** `POST /v1/people` body: makes a person without any role and a link to join by. */
export const InviteBody = z.strictObject({ name: PersonName, email: PersonEmail })

/** A link that is shown once, to the requester. */
export const LinkAnswer = z.strictObject({ personId: z.string(), url: z.string(), expiresAt: Timestamp })
export type LinkAnswer = z.infer<typeof LinkAnswer>

/** `PUT /v1/people/:personId/training` body. */
export const TrainingBody = z.strictObject({ trainedAt: Timestamp })

/** `POST /v1/people/:personId/roles` body: requests a role; somebody else approves it. */
export const RoleBody = z.strictObject({ role: RoleName })

/** `GET /v1/me/signing` answer: the caller's keys with the custodian. */
export const MySigning = z.strictObject({
  passkeys: CustodianState.shape.passkeys,
  /** Absent until the caller has enrolled a key. */
  enrolled: Enrolments.shape.people.element.pick({ keyId: true, passkey: true, enrolledAt: true }).exactOptional(),
})

/** `POST /v1/me/key` body, without the person, who is the caller. Passed to the custodian unchanged. */
export const MyKeyBody = z.strictObject({
  publicKey: P256PublicKey,
  passkey: PasskeyKey.exactOptional(),
  proof: z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/),
})
