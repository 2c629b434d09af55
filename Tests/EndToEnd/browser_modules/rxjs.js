// Stands for the two names of RxJS that the guide's service uses.
export class Observable {
  #subscribe;

  constructor(subscribe) {
    this.#subscribe = subscribe;
  }

  subscribe(next) {
    return this.#subscribe(next);
  }
}

export class BehaviorSubject {
  #observers = new Set();

  constructor(value) {
    this.value = value;
  }

  next(value) {
    this.value = value;
    for (const next of this.#observers) next(value);
  }

  asObservable() {
    return new Observable((next) => {
      next(this.value);
      this.#observers.add(next);
      return { unsubscribe: () => this.#observers.delete(next) };
    });
  }
}
