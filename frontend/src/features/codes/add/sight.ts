// The camera, whoever speaks to it: Go, or where Go cannot, the browser engine.
import { api, asProblem, ProblemError, type CameraChoice, type CameraView } from '$lib/backend';

export interface Sight {
  cameras: () => Promise<CameraChoice[]>;
  open: (id: string) => Promise<void>;
  /** What to show, where the pictures that `next` brings are not. */
  stream: () => MediaStream | null;
  /** next waits for a picture, has it read, and says what was new in it. */
  next: () => Promise<CameraView>;
  close: () => Promise<void>;
}

const go: Sight = {
  cameras: api.camera.list,
  open: api.camera.open,
  stream: () => null,
  next: api.camera.next,
  close: api.camera.close,
};

// What the engine says, in our words.
const codes: Record<string, string> = {
  NotAllowedError: 'page_camera_denied',
  SecurityError: 'page_camera_denied',
  NotFoundError: 'camera_none',
  OverconstrainedError: 'camera_unknown',
  NotReadableError: 'camera_busy',
  AbortError: 'camera_busy',
};
const meaning = (reason: unknown) => {
  const name = reason instanceof Error || reason instanceof DOMException ? reason.name : '';
  return name === 'ProblemError' ? reason : new ProblemError({ code: codes[name] ?? 'camera_failed', details: name });
};

/** Between two pictures that are read, in milliseconds. */
const pause = 250;
/** The most that a picture has on a side, in pixels. */
const most = 1280;

function engine(media: MediaDevices): Sight {
  let stream: MediaStream | null = null;
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  const canvas = document.createElement('canvas');

  const off = () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    video.srcObject = null;
  };
  // Names come once the person has allowed a camera, so one is opened for them.
  const cameras = async () => {
    if (!stream) await open('');
    const all = (await media.enumerateDevices()).filter((d) => d.kind === 'videoinput');
    return all.map((d, n) => ({ id: d.deviceId, name: d.label || String(n + 1) }));
  };
  async function open(id: string) {
    off();
    const size = { width: { ideal: most }, height: { ideal: 720 } };
    try {
      stream = await media.getUserMedia({ audio: false, video: id ? { ...size, deviceId: { exact: id } } : size });
      video.srcObject = stream;
      await video.play();
    } catch (reason) {
      off();
      throw meaning(reason);
    }
  }
  async function next(): Promise<CameraView> {
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (!stream) throw new ProblemError({ code: 'camera_closed' });
    if (stream.getVideoTracks().every((t) => t.readyState === 'ended')) throw new ProblemError({ code: 'camera_gone' });
    const shrink = Math.min(1, most / Math.max(video.videoWidth, video.videoHeight, 1));
    canvas.width = Math.max(1, Math.round(video.videoWidth * shrink));
    canvas.height = Math.max(1, Math.round(video.videoHeight * shrink));
    canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height);
    if (canvas.width < 32) return { picture: '', state: null };
    return api.camera.frame(canvas.toDataURL('image/jpeg', 0.85).replace(/^[^,]*,/, ''));
  }
  return {
    cameras,
    open,
    stream: () => stream,
    next,
    close: () => {
      off();
      return Promise.resolve();
    },
  };
}

/** findSight returns who speaks to the cameras here, and the cameras: Go if it finds any. */
export async function findSight(): Promise<{ sight: Sight; cameras: CameraChoice[] }> {
  try {
    return { sight: go, cameras: await go.cameras() };
  } catch (reason) {
    const { code } = asProblem(reason);
    // Older engines have none, whatever the types say.
    const media = (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
    if (!media || !['camera_elsewhere', 'camera_none'].includes(code)) throw reason;
    const sight = engine(media);
    return { sight, cameras: await sight.cameras() };
  }
}
