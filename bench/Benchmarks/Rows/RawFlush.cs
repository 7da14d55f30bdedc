using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Queued.Benchmarks;

/// <summary>
/// The bare flush: write and fdatasync, in a file of a fixed size that is written round and round, as the log of a
/// store is. Nothing durable is faster on this file system.
/// </summary>
internal sealed partial class RawFlush : IDisposable
{
    private const int FileBytes = 8 * 1024 * 1024;

    private readonly SafeFileHandle _file;
    private readonly byte[] _block;
    private long _at;

    /// <param name="path">The file.</param>
    /// <param name="bytes">How much is written before each flush.</param>
    public RawFlush(string path, int bytes)
    {
        _block = new byte[bytes];
        Random.Shared.NextBytes(_block);
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
        for (var at = 0L; at < FileBytes; at += bytes) RandomAccess.Write(_file, _block, at);
        Flush();
    }

    public void Write()
    {
        if (_at + _block.Length > FileBytes) _at = 0;
        RandomAccess.Write(_file, _block, _at);
        _at += _block.Length;
        Flush();
    }

    public void Dispose() => _file.Dispose();

    private void Flush()
    {
        if (fdatasync(_file) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fdatasync(SafeFileHandle file);
}
