import { openAuthority } from "../../../server/src/platform/authority/authority.ts"

/** The authority that seals and checks rows in test databases. */
export const TEST_AUTHORITY = openAuthority([Buffer.alloc(32, 7)])
