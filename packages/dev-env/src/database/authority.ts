import { openAuthority } from "../../../server/src/platform/authority/authority.ts"

/** Seals and checks rows in every test's database. */
export const TEST_AUTHORITY = openAuthority([Buffer.alloc(32, 7)])
