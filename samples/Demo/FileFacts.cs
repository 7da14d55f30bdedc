using System.Security.Cryptography;

namespace Queued.Samples.Demo;

/// <summary>What the demo computes of a file, and in which process.</summary>
/// <param name="Path">The file.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Words">Runs of bytes between ASCII white space, as <c>LC_ALL=C wc -w</c> counts them in text.</param>
/// <param name="Sha256">Its SHA-256, hexadecimal.</param>
/// <param name="ProcessId">The process that computed it.</param>
public sealed record FileFacts(string Path, long Bytes, long Words, string Sha256, int ProcessId)
{
    private const int BufferBytes = 128 * 1024;

    /// <summary>The job. It knows nothing of queues: the same method runs here and in the workers.</summary>
    public static FileFacts Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        long bytes = 0, words = 0;
        var inWord = false;
        for (int count; (count = file.Read(buffer)) > 0; bytes += count)
        {
            var part = buffer.AsSpan(0, count);
            hash.AppendData(part);
            words += CountWords(part, ref inWord);
        }

        return new FileFacts(
            path, bytes, words, Convert.ToHexStringLower(hash.GetHashAndReset()), Environment.ProcessId);
    }

    /// <summary>Whether two processes found the same.</summary>
    public bool Agrees(FileFacts other) => this with { ProcessId = 0 } == other with { ProcessId = 0 };

    private static long CountWords(ReadOnlySpan<byte> part, ref bool inWord)
    {
        long words = 0;
        foreach (var value in part)
        {
            var isSpace = value is (byte)' ' or >= (byte)'\t' and <= (byte)'\r';
            if (!isSpace && !inWord)
            {
                words++;
            }

            inWord = !isSpace;
        }

        return words;
    }
}
