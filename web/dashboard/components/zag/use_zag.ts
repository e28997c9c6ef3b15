import { useMachine } from '@zag-js/preact';

/** Runs a Zag machine. The adapter's types are of another release than the machines', so the service is named by the caller. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller names the service of its machine
export const useZag = <Service>(machine: object, props: object): Service =>
  useMachine(machine as never, props as never) as unknown as Service;
