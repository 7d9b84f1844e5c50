export { say } from './say';
export { wantsSignIn } from './signin';
