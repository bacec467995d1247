// false: the browser did not let us. Without TLS there is no clipboard but on this computer.
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
