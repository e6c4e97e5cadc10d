/** Words of the pages of a break and of the end of a shift. */
export const away = {
  breakPage: {
    own: "You are on a break.",
    due: "A break is due.",
    awayJust: "You have just gone.",
    away: (time: string) => `You have been away for ${time}.`,
    line: "Look at something far away, drink some water, move a little. Nothing is lost here, and nobody is given less for it.",
    backOwn: "Come back whenever you like.",
    backAt: (time: string) => `You can go on looking from ${time}.`,
    backNow: "You can go on.",
    back: "I am back",
    urgent: "If something must be filed now, you can go on without looking. Looks and new cases wait until then.",
    goOn: "Go on without looking",
    failed: "Your being back did not reach the server. Try again in a moment.",
  },
  shift: {
    title: "The end of your day here",
    nothing: "You looked at nothing and decided nothing today, which is a day's work too.",
    decided: (decisions: number) =>
      decisions === 0
        ? "You decided no case today"
        : `You decided ${decisions === 1 ? "one case" : `${decisions} cases`} today`,
    looked: (looks: number, minutes: string) =>
      looks === 0
        ? "without a single look."
        : `and looked ${looks === 1 ? "once" : `${looks} times`}, for ${minutes} altogether.`,
    rest: "What you have claimed goes back by itself within a quarter of an hour. Everything else can wait for tomorrow, or for somebody else.",
    asking: "Ending your day…",
    failed: "The end of your day could not be recorded. You can sign out all the same.",
    signOut: "Sign out",
  },
} as const
