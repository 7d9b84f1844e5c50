export { default as SignInForm } from './SignInForm.svelte';
export { default as Overlay } from './SignInSheet.svelte';
