/** Words of the viewing budget in the header, shared with breaks and the end of a shift. */
export const exposure = {
  endShift: "End of shift",
  underMinute: "less than a minute",
  minutes: (minutes: number) => (minutes === 1 ? "one minute" : `${minutes} minutes`),
  budget: {
    button: "Viewings",
    left: (left: number) =>
      left === 0 ? "No viewings left today" : left === 1 ? "One more viewing today" : `${left} viewings left today`,
    breakSoon: (minutes: number) => (minutes <= 1 ? "a break is due" : `a break in ${minutes} minutes`),
    breakDue: (time: string) => `Break due: viewings wait until ${time}`,
    onBreak: "On a break",
    blocked: {
      items: "No more viewings today",
      originals: "No more originals today",
      minutes: "No viewing time left today",
    } as Readonly<Record<string, string>>,
    title: "Viewing limits",
    lead: "These are limits, not goals. You need not use them up, and you can decide every case without a viewing.",
    todayText: (viewings: number, minutes: string) =>
      viewings === 0
        ? "You have had no viewings."
        : `You had ${viewings === 1 ? "one viewing" : `${viewings} viewings`}, ${minutes} in all.`,
    takeNow: "Take a break now",
    limits: {
      itemsPerDay: (value: number) => `${value} viewings a day`,
      originalsPerDay: (value: number) => `${value} originals a day`,
      minutesPerDay: (value: number) => `${value} minutes of viewing a day`,
      breakAfterMinutes: (value: number) => `a break after ${value} minutes`,
      breakMinutes: (value: number) => `a break lasts at least ${value} minutes`,
    },
  },
} as const
