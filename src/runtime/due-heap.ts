interface Entry {
  readonly key: string;
  readonly due: number;
  /** Breaks ties: first put, first out. */
  readonly order: number;
}

/**
 * Keys ordered by when they are due; one due time per key.
 *
 * An entry that was moved or removed stays in the heap until it comes to the top, where `current` shows that it is
 * void: cheaper than looking for it. The heap is rebuilt when void entries outnumber live ones.
 */
export class DueHeap {
  readonly #current = new Map<string, Entry>();
  #heap: Entry[] = [];
  #puts = 0;

  get size(): number {
    return this.#current.size;
  }

  dueOf(key: string): number | undefined {
    return this.#current.get(key)?.due;
  }

  /** Of two due times for one key the earlier stays. */
  put(key: string, due: number): void {
    const current = this.#current.get(key);
    if (current !== undefined && current.due <= due) return;
    const entry = { key, due, order: this.#puts++ };
    this.#current.set(key, entry);
    this.#push(entry);
    if (this.#heap.length > 2 * this.#current.size + 16) this.#rebuild();
  }

  remove(key: string): void {
    this.#current.delete(key);
  }

  /** The earliest due time, or undefined when nothing waits. */
  nextDue(): number | undefined {
    this.#dropVoid();
    return this.#heap[0]?.due;
  }

  /** Removes and returns the keys due at `now`, earliest first. */
  takeDue(now: number): string[] {
    const due: string[] = [];
    for (;;) {
      this.#dropVoid();
      const top = this.#heap[0];
      if (top === undefined || top.due > now) return due;
      this.#pop();
      this.#current.delete(top.key);
      due.push(top.key);
    }
  }

  #dropVoid(): void {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (this.#current.get(top.key) === top) return;
      this.#pop();
    }
  }

  #rebuild(): void {
    // A sorted array is a valid heap.
    this.#heap = [...this.#current.values()].sort((a, b) => (precedes(a, b) ? -1 : 1));
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!precedes(entry, heap[parent])) break;
      swap(heap, at, parent);
      at = parent;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    let at = 0;
    for (;;) {
      const smallest = [2 * at + 1, 2 * at + 2].reduce((a, b) => (precedes(heap[b], heap[a]) ? b : a), at);
      if (smallest === at) return;
      swap(heap, at, smallest);
      at = smallest;
    }
  }
}

function precedes(a: Entry | undefined, b: Entry | undefined): boolean {
  if (a === undefined || b === undefined) return a !== undefined;
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}

function swap(heap: Entry[], a: number, b: number): void {
  const [left, right] = [heap[a], heap[b]];
  if (left === undefined || right === undefined) return;
  heap[a] = right;
  heap[b] = left;
}
