import type { Status } from "../link/messages";
import { useWords } from "./hooks";

/** Which kernels are being prepared, and how far it has come (where the server knows). */
export function Kernels(props: { kernels: NonNullable<Status["kernels"]> }) {
  const t = useWords();
  const { preparing, done, of } = props.kernels;
  const known = of > 0;
  return (
    <>
      {known ? <progress value={done} max={of} /> : <progress />}
      <span>{known ? t("foot.kernels", { what: preparing, done, of }) : t("foot.preparing", { what: preparing })}</span>
    </>
  );
}
