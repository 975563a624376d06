/**
 * The parts of Pyodide and of its Emscripten module that the guest uses.
 *
 * @module
 */

/** A Python object seen from JavaScript. */
export interface PyProxy {
  destroy(): void;
  get(name: string): PyProxy;
}

/** A Python function seen from JavaScript. */
export type PyFunction = PyProxy & ((...args: unknown[]) => unknown);

/** An open file or device. */
export interface FileStream {
  readonly node: FileNode;
  seekable: boolean;
}

/** A file, folder or device. */
export interface FileNode {
  contents?: Uint8Array;
  usedBytes?: number;
  readonly mode: number;
}

/** What a device does. `buffer` is the whole WebAssembly memory. */
export interface DeviceOperations {
  open(stream: FileStream): void;
  close(): void;
  read(stream: FileStream, buffer: Int8Array, offset: number, length: number): number;
  write(stream: FileStream, buffer: Int8Array, offset: number, length: number): number;
}

/** Emscripten's in-memory file system. */
export interface MemoryFileSystem {
  expandFileStorage(node: FileNode, capacity: number): void;
  resizeFileStorage(node: FileNode, size: number): void;
  createNode(parent: FileNode | null, name: string, mode: number, device: number): FileNode;
  readonly stream_ops: {
    write(
      stream: FileStream,
      buffer: Uint8Array,
      offset: number,
      length: number,
      position: number,
      canOwn?: boolean,
    ): number;
  };
  readonly ops_table: { readonly file: { readonly stream: { write: unknown } } };
}

/** Emscripten's file system interface. */
export interface FileSystem {
  readonly ErrnoError: new (errno: number) => Error;
  readonly filesystems: { readonly MEMFS: MemoryFileSystem };
  readonly streams: readonly (FileStream | null | undefined)[];
  makedev(major: number, minor: number): number;
  registerDevice(device: number, operations: DeviceOperations): void;
  mkdev(path: string, device: number): void;
  destroyNode(node: FileNode): void;
  isFile(mode: number): boolean;
  mkdirTree(path: string): void;
  analyzePath(path: string): { readonly exists: boolean };
  unlink(path: string): void;
  writeFile(path: string, bytes: Uint8Array, options: { canOwn: true }): void;
  chmod(path: string, mode: number): void;
}

/** What loads into a {@linkcode Pyodide}. */
export interface EmscriptenModule {
  readonly HEAPU8: Uint8Array;
}

/** Settings that Emscripten starts a module with. */
export interface EmscriptenSettings {
  INITIAL_MEMORY?: number;
  noInitialRun?: boolean;
  instantiateWasm(
    imports: {
      readonly env: Record<string, unknown>;
      readonly wasi_snapshot_preview1: Record<string, unknown>;
    },
    done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ): Record<string, never>;
}

/** Makes a module from settings. */
export type CreateModule = (settings: EmscriptenSettings) => Promise<EmscriptenModule>;

/** A loaded interpreter. */
export interface Pyodide {
  readonly FS: FileSystem;
  readonly globals: PyProxy;
  setStdin(options: { error: true }): void;
  setStdout(options: { write(buffer: Uint8Array): number; isatty: boolean }): void;
  setStderr(options: { write(buffer: Uint8Array): number; isatty: boolean }): void;
  setInterruptBuffer(buffer: { 0: number }): void;
  runPython(code: string, options?: { filename?: string }): unknown;
  unregisterJsModule(name: string): void;
  makeMemorySnapshot(): Uint8Array;
}

/** The options of `loadPyodide` that the guest sets. */
export interface LoadOptions {
  readonly indexURL: string;
  readonly _sysExecutable: string;
  readonly jsglobals: object;
  readonly env: Record<string, string>;
  readonly lockFileContents: Promise<string>;
  readonly createPyodideModule: CreateModule;
  readonly _makeSnapshot?: boolean;
  readonly _loadSnapshot?: Uint8Array;
}
