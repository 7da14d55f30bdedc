using System.Buffers;

namespace Queued.Worker;

internal static class Names
{
    internal const string Rule = "a name is 1 to 128 of A-Z a-z 0-9 . _ -.";
    private const int LengthMax = 128;
    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    internal static bool IsValid(string? name) =>
        name is { Length: > 0 and <= LengthMax } && !name.AsSpan().ContainsAnyExcept(Allowed);
}
