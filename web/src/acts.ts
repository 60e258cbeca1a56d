/** What a person does: sent with a number, answered by the server, and told in words. */
import type { ActAnswer, Status } from "./link/messages";
import { Value } from "./look/value";

export interface Notice {
  readonly id: number;
  readonly kind: "refused" | "waiting" | "done";
  readonly text: string;
}

export interface ActParts {
  readonly subject?: string;
  readonly value?: string;
  readonly reason?: string;
}

const NOTICE_MS = 8000;
const MOST_NOTICES = 4;

export class Acts {
  /** The newest answers that people should read, the oldest first; each goes by itself after a while. */
  readonly notices = new Value<readonly Notice[]>([]);
  private next = 1;
  private toldSeq: number | null = null;
  private readonly waiting = new Map<number, (answer: ActAnswer) => void>();

  constructor(
    private readonly send: (message: object) => boolean,
    private readonly unsent: () => string,
  ) {}

  /** Do something; resolves when it is in the record, or refused, or waits for a second person. */
  do(act: string, parts: ActParts = {}): Promise<ActAnswer> {
    const ref = this.next++;
    return new Promise((resolve) => {
      if (!this.send({ type: "act", act, ref, subject: parts.subject ?? "", value: parts.value ?? "", reason: parts.reason ?? "" })) {
        const answer: ActAnswer = { type: "act", ref, state: "refused", text: this.unsent() };
        this.tell("refused", answer.text);
        resolve(answer);
        return;
      }
      this.waiting.set(ref, resolve);
    });
  }

  /** Take an answer of the server; "accepted" is on its way to the record and not the end. */
  hear(answer: ActAnswer): void {
    if (answer.state === "accepted") return;
    if (answer.state === "refused") this.tell("refused", answer.text);
    if (answer.state === "waiting") this.tell("waiting", answer.text);
    this.waiting.get(answer.ref)?.(answer);
    this.waiting.delete(answer.ref);
  }

  /** The line was cut: what was not answered is not known to be done. */
  cut(): void {
    for (const [ref, resolve] of this.waiting) resolve({ type: "act", ref, state: "refused", text: this.unsent() });
    if (this.waiting.size > 0) this.tell("refused", this.unsent());
    this.waiting.clear();
  }

  /** What was recorded and could not be done after all; what was told before this page came is not told again. */
  refusedLater(refused: NonNullable<Status["refused"]>, me: string): void {
    const newest = Math.max(-1, ...refused.map((r) => r.seq));
    for (const { seq, subject, who, why } of refused) {
      if (this.toldSeq !== null && seq > this.toldSeq && who === me) this.tell("refused", `${subject} ${why}`.trim());
    }
    this.toldSeq = Math.max(newest, this.toldSeq ?? -1);
  }

  tell(kind: Notice["kind"], text: string): void {
    const id = this.next++;
    this.notices.set([...this.notices.get(), { id, kind, text }].slice(-MOST_NOTICES));
    setTimeout(() => this.dismiss(id), NOTICE_MS);
  }

  dismiss(id: number): void {
    this.notices.set(this.notices.get().filter((notice) => notice.id !== id));
  }
}
