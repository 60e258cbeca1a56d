/** The smallest observable: panels read it through useValue, everything else through get and subscribe. */
import { useEffect, useState } from "preact/hooks";

export class Value<T> {
  private readonly listeners = new Set<(value: T) => void>();

  constructor(private current: T) {}

  get(): T {
    return this.current;
  }

  set(value: T): void {
    if (Object.is(value, this.current)) return;
    this.current = value;
    for (const listener of this.listeners) listener(value);
  }

  subscribe(listener: (value: T) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

export function useValue<T>(value: Value<T>): T {
  const [current, setCurrent] = useState(value.get());
  useEffect(() => {
    setCurrent(() => value.get());
    return value.subscribe((next) => setCurrent(() => next));
  }, [value]);
  return current;
}
