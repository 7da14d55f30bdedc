using System.Runtime.InteropServices;
using System.Text;

namespace Queued.Daemon.Supervision.Native;

/// <summary>A null-terminated array of C strings, in one block of native memory.</summary>
internal sealed unsafe class StringVector : IDisposable
{
    private byte** _block;

    internal StringVector(IReadOnlyCollection<string> strings)
    {
        var pointers = (nuint)(strings.Count + 1) * (nuint)sizeof(byte*);
        nuint bytes = 0;
        foreach (var text in strings)
            bytes += (nuint)Encoding.UTF8.GetByteCount(text) + 1;

        _block = (byte**)NativeMemory.Alloc(pointers + bytes);
        var next = (byte*)_block + pointers;
        var index = 0;
        foreach (var text in strings)
        {
            _block[index++] = next;
            var written = Encoding.UTF8.GetBytes(text, new Span<byte>(next, Encoding.UTF8.GetByteCount(text)));
            next[written] = 0;
            next += written + 1;
        }

        _block[index] = null;
    }

    internal byte** Pointer => _block;

    public void Dispose()
    {
        NativeMemory.Free(_block);
        _block = null;
    }
}
