/** Words of breaks, the end of a shift, and the budget in the head. */
export const exposure = {
  breakPage: {
    own: "You are on a break.",
    due: "A break is due.",
    awayJust: "You have just gone.",
    away: (time: string) => `You have been away for ${time}.`,
    minutes: (minutes: number) => (minutes === 1 ? "one minute" : `${minutes} minutes`),
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
    underMinute: "less than a minute",
    minutes: (minutes: number) => (minutes === 1 ? "one minute" : `${minutes} minutes`),
    rest: "What you have claimed goes back by itself within a quarter of an hour. Everything else can wait for tomorrow, or for somebody else.",
    asking: "Ending your day…",
    failed: "The end of your day could not be recorded. You can sign out all the same.",
    signOut: "Sign out",
    key: "End of shift",
  },
  budget: {
    button: "Looks",
    left: (left: number) =>
      left === 0 ? "No looks left today" : left === 1 ? "One more look today" : `Room for ${left} looks today`,
    breakSoon: (minutes: number) => (minutes <= 1 ? "a break is due" : `a break in ${minutes} minutes`),
    breakDue: (time: string) => `Break due: looks wait until ${time}`,
    onBreak: "On a break",
    blocked: {
      items: "No more looks today",
      originals: "No more originals today",
      minutes: "Enough looking for today",
      consecutive: "Something else comes before the next look",
      "cut-off": "No more looks this late",
    } as Readonly<Record<string, string>>,
    title: "How much looking there is, and no more",
    lead: "These are limits, not goals. Nothing is asked of you that they leave open, and every case can be decided without a look.",
    todayText: (looks: number, minutes: string) =>
      looks === 0
        ? "You have not looked."
        : `You looked ${looks === 1 ? "once" : `${looks} times`}, ${minutes} in all.`,
    first: "Your first days have lower limits, whatever else is set.",
    takeNow: "Take a break now",
    settings: "Make your own limits stricter",
    whose: { organisation: "the organisation's", own: "your own", first: "of your first days" },
    limits: {
      itemsPerDay: (value: number) => `${value} looks a day`,
      originalsPerDay: (value: number) => `${value} originals a day`,
      minutesPerDay: (value: number) => `${value} minutes of looking a day`,
      breakAfterMinutes: (value: number) => `a break after ${value} minutes`,
      breakMinutes: (value: number) => `of ${value} minutes at least`,
      consecutive: (value: number) => `${value} looks in a row, then something else`,
      cutOff: (value: string) => `no looks from ${value} on`,
    },
  },
} as const
