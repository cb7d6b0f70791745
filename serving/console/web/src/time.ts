/** Times for people: the browser's zone, 24 hours, seconds where they matter. */

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });

/** 14:03:27, with the day before it where that is not today. */
export function moment(at: string | Date, now = new Date()): string {
  const time = new Date(at);
  const sameDay = time.toDateString() === now.toDateString();
  return sameDay ? clock.format(time) : `${day.format(time)} ${clock.format(time)}`;
}

/** How long ago, in its largest unit: 8 s, 12 min, 3 h, 2 d. */
export function age(at: string, now = Date.now()): string {
  const seconds = Math.max(0, (now - Date.parse(at)) / 1000);
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
