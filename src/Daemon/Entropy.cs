using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Queued.Daemon;

/// <summary>
/// Random bytes that nobody can guess, from the kernel: getrandom(2). .NET's own come from OpenSSL, and an idle daemon
/// has no other use for that library.
/// </summary>
internal static partial class Entropy
{
    private const int Interrupted = 4;

    /// <summary>So many bytes, as lower-case hexadecimal digits.</summary>
    /// <exception cref="Win32Exception">The kernel has none to give.</exception>
    public static string Hex(int bytes)
    {
        // Up to 256 bytes come at once or not at all.
        Span<byte> random = stackalloc byte[bytes];
        while (GetRandom(random, (nuint)bytes, 0) != bytes)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Interrupted) throw new Win32Exception(error);
        }

        return Convert.ToHexStringLower(random);
    }

    [LibraryImport("libc", EntryPoint = "getrandom", SetLastError = true)]
    private static partial nint GetRandom(Span<byte> buffer, nuint length, uint flags);
}
