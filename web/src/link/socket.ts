/** The WebSocket to the server: pictures in, "have" and acts out, and a new attempt when the line is cut. */
import { decodePicture, DecodeError, type Picture } from "./decode";
import { readText, type TextMessage } from "./messages";

export type LinkState = "connecting" | "open" | "closed";

export interface LinkEvents {
  /** Apply the picture; false asks for a full one (its base is not what we hold). */
  picture(picture: Picture): boolean;
  text(message: TextMessage): void;
  state(state: LinkState, attempt: number): void;
  fault(text: string): void;
}

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 5000;
// A server that is alive sends at least one message a second while its core makes progress; half a minute of silence
// on an open line is a line nobody holds at the other end.
const SILENT_MS = 30_000;

export class Link {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private wait = 0;
  private silence = 0;

  constructor(
    private readonly address: string,
    private readonly events: LinkEvents,
  ) {}

  open(): void {
    clearTimeout(this.wait);
    this.events.state("connecting", this.attempt);
    const socket = new WebSocket(this.address);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.listenForSilence();
    socket.onopen = () => this.events.state("open", this.attempt);
    socket.onmessage = (event: MessageEvent<ArrayBuffer | string>) => {
      this.listenForSilence();
      this.attempt = 0;
      this.take(socket, event.data);
    };
    socket.onclose = () => this.again(socket);
  }

  /** Send a message; false where the line is not open. */
  send(message: object): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  private take(socket: WebSocket, data: ArrayBuffer | string): void {
    try {
      if (typeof data === "string") {
        const message = readText(data);
        if (message !== null) this.events.text(message);
        return;
      }
      const picture = decodePicture(data);
      if (this.events.picture(picture)) this.send({ type: "have", version: picture.version });
      else socket.close(4000, "picture does not follow"); // a new connection begins with a full picture
    } catch (why) {
      if (!(why instanceof DecodeError || why instanceof SyntaxError)) throw why;
      this.events.fault(why.message);
      socket.close(4001, "message not understood");
    }
  }

  private again(socket: WebSocket): void {
    if (socket !== this.socket) return;
    this.socket = null;
    clearTimeout(this.silence);
    // Doubling waits with a random part, so that fifty screens do not all knock at the same instant.
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.attempt) * (0.75 + Math.random() / 2);
    this.attempt += 1;
    this.events.state("closed", this.attempt);
    this.wait = window.setTimeout(() => this.open(), wait);
  }

  private listenForSilence(): void {
    clearTimeout(this.silence);
    this.silence = window.setTimeout(() => {
      const socket = this.socket;
      if (socket === null) return;
      socket.close();
      this.again(socket); // a frozen peer never answers the closing handshake
    }, SILENT_MS);
  }
}
