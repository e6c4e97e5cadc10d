import { QueryClient } from "@tanstack/react-query"
import { CallError } from "../api/problem.ts"

/** Keeps data in memory while a page shows it, and reads it again when the server announces a change. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: true,
      networkMode: "always",
      retry: (failures, error) =>
        failures < 2 && error instanceof CallError && (error.status === 0 || error.status >= 500),
      retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 4000),
    },
    mutations: { networkMode: "always", retry: false },
  },
})
