import { describe } from "vitest"
import { describeStore } from "./support/store-behaviour.ts"
import { hasMoto, motoStore, simulatedStore } from "./support/test-stores.ts"

describeStore("the simulated store", () => simulatedStore("enforced"))
describeStore("a store that refuses conditional writes", () => simulatedStore("refused"))
describeStore("a store that ignores conditions of writes", () => simulatedStore("ignored"))

describe.skipIf(!hasMoto())("moto_server, where it is on the PATH", () => {
  describeStore("moto", motoStore)
})
