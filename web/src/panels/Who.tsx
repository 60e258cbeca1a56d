import { useState } from "preact/hooks";
import { useValue } from "../look/value";
import { CATEGORIES } from "../picture/identities";
import { language } from "../words/words";
import { useApp, useWords } from "./hooks";

const OFFERED = ["unknown", "assumed_friend", "friend", "neutral", "suspect", "hostile"] as const;

/** Who the selected track is held to be, with the reasons; and what a person may decide, name and hand over. */
export function Who(props: { trackNo: number }) {
  const app = useApp();
  const t = useWords();
  useValue(app.position);
  const { trackNo } = props;
  const subject = String(trackNo);
  const identity = app.store.identities.held.get(trackNo);
  const handover = (useValue(app.status)?.board?.handovers ?? []).find((h) => h.track_no === trackNo);
  const seats = useValue(app.hello)?.positions ?? [];
  const [category, setCategory] = useState("unknown");
  const [why, setWhy] = useState("");
  const [name, setName] = useState("");
  const decide = (event: Event): void => {
    event.preventDefault();
    void app.acts.do("track.identify", { subject, value: category, reason: why });
    setWhy("");
  };
  const call = (event: Event): void => {
    event.preventDefault();
    void app.acts.do("track.name", { subject, value: name });
    setName("");
  };
  const evidence = identity === undefined ? "" : language.get() === "fr" && identity.evidence.fr !== "" ? identity.evidence.fr : identity.evidence.en;
  return (
    <div class="who" data-testid="who">
      {identity !== undefined && (
        <>
          <p>
            <span class={`chip category-${CATEGORIES[identity.category] ?? "unknown"}`} data-testid="category">
              {t(`category.${CATEGORIES[identity.category] ?? "unknown"}`)}
            </span>
            <span class={`chip trust-${identity.trust}`} data-testid="trust" title={identity.trustWords}>{t(`trust.${identity.trust}`)}</span>
            {identity.comloss > 0 && <span class="chip warn">{t(`comloss.${identity.comloss}`)}</span>}
            {identity.candidates > 1 && <span class="chip warn">{t("who.ambiguous", { n: identity.candidates })}</span>}
          </p>
          <p class="evidence" data-testid="evidence">
            {identity.decidedBy !== "" && `${t("who.decided", { who: identity.decidedBy, why: identity.decidedWhy })} `}
            {evidence}
            {identity.trustWords !== "" && ` ${identity.trustWords}`}
          </p>
          {(identity.plan !== "" || identity.permit !== "") && <p class="dim">{[identity.plan, identity.permit].filter((x) => x !== "").join(" · ")}</p>}
        </>
      )}
      {handover !== undefined && (
        <p data-testid="handover">
          {t(handover.taken_by === "" ? "handover.waits" : "handover.taken", { from: handover.by, to: t(`position.${handover.to}`, { defaultValue: handover.to }), by: handover.taken_by })}
          {handover.taken_by === "" && handover.to === app.position.get() && app.may("track.accept") && (
            <button type="button" class="tool" onClick={() => void app.acts.do("track.accept", { subject })}>{t("handover.accept")}</button>
          )}
        </p>
      )}
      {app.may("track.identify") && (
        <form onSubmit={decide} class="line">
          <select class="search" data-testid="identify" aria-label={t("who.category")} value={category} onChange={(event) => setCategory(event.currentTarget.value)}>
            {OFFERED.map((c) => <option key={c} value={c}>{t(`category.${c}`)}</option>)}
          </select>
          <input class="search" data-testid="identify-why" required value={why} placeholder={t("who.why")} aria-label={t("who.why")}
            onInput={(event) => setWhy(event.currentTarget.value)} />
          <button type="submit" class="tool">{t("who.decide")}</button>
        </form>
      )}
      {app.may("track.name") && (
        <form onSubmit={call} class="line">
          <input class="search" data-testid="name" maxLength={16} value={name} placeholder={t("who.name")} aria-label={t("who.name")}
            onInput={(event) => setName(event.currentTarget.value)} />
          <button type="submit" class="tool">{t("who.call")}</button>
        </form>
      )}
      {app.may("track.handover") && (
        <form class="line" onSubmit={(event) => event.preventDefault()}>
          <select class="search" data-testid="handover-to" aria-label={t("handover.to")} value=""
            onChange={(event) => {
              if (event.currentTarget.value !== "") void app.acts.do("track.handover", { subject, value: event.currentTarget.value });
            }}>
            <option value="">{t("handover.to")}</option>
            {seats.map((s) => <option key={s.id} value={s.id}>{t(`position.${s.id}`)}</option>)}
          </select>
        </form>
      )}
    </div>
  );
}
