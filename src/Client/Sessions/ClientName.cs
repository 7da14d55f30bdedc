using System.Globalization;

namespace Queued.Client.Sessions;

/// <summary>Who this process is, for people who look at who holds what.</summary>
internal static class ClientName
{
    private const int LengthMax = 100;

    public static string Value { get; } =
        string.Create(CultureInfo.InvariantCulture, $"{Program()} {Environment.ProcessId}");

    private static string Program()
    {
        var name = Path.GetFileNameWithoutExtension(Environment.ProcessPath) is { Length: > 0 } program
            ? program
            : "client";
        return name.Length <= LengthMax ? name : name[..LengthMax];
    }
}
