export { api, type Backend } from './api';
export { handOver, on, type Events } from './events';
export { asProblem, ProblemError } from './problem';
export type * from './types';
