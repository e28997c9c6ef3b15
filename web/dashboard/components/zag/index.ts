export { OpenMenu } from './open_menu';
export { showToast, ToastStack } from './toasts';
