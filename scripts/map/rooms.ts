/** The rooms of `packages/server/src`, from the top: each imports only rooms after it. ARCHITECTURE.md says what each is. */
export const ROOMS: readonly string[] = ["app", "oversight", "filing", "intake", "casework", "staff", "platform"]
