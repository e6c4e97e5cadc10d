/** Words of the break page and of the end of a shift. */
export const away = {
  breakPage: {
    own: "You are on a break.",
    due: "A break is due.",
    awayJust: "Your break has just begun.",
    away: (time: string) => `You have been away for ${time}.`,
    line: "Look into the distance, drink some water, move a little. Nothing is lost here, and a break is never counted against you.",
    backOwn: "Come back whenever you like.",
    backAt: (time: string) => `Viewings are possible again from ${time}.`,
    backNow: "You can continue.",
    back: "I am back",
    urgent:
      "If something must be filed now, you can continue without viewings. Viewings and new cases wait until the break is over.",
    goOn: "Continue without viewings",
    failed: "The server did not record that you are back. Try again in a moment.",
  },
  shift: {
    title: "The end of your day here",
    nothing: "You viewed nothing and decided nothing today. That is fine.",
    decided: (decisions: number) =>
      decisions === 0
        ? "You decided no case today"
        : `You decided ${decisions === 1 ? "one case" : `${decisions} cases`} today`,
    viewed: (viewings: number, minutes: string) =>
      viewings === 0
        ? "without a single viewing."
        : `and had ${viewings === 1 ? "one viewing" : `${viewings} viewings`}, for ${minutes} altogether.`,
    rest: "Cases that you claimed are released within 15 minutes. Everything else can wait for tomorrow, or for somebody else.",
    asking: "Ending your day…",
    failed: "The end of your day could not be recorded. You can sign out all the same.",
    signOut: "Sign out",
  },
} as const
