import { useMachine } from '@zag-js/preact';

/** Runs a Zag machine. The adapter's types are of another release than the machines', so the service is named by the caller. */
export const useZag = <Service>(machine: object, props: object): Service =>
  useMachine(machine as never, props as never) as unknown as Service;
