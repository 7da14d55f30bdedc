using System.Globalization;

namespace Queued.Crash;

/// <summary>What the command line asks for.</summary>
internal sealed record CrashOptions(int Rounds, int Seed, string Daemon)
{
    public const string Usage = "usage: ./dev crash [--rounds N] [--seed N] [--daemon PATH] [--self-test]";

    /// <summary>Look whether the harness finds what it is there to find.</summary>
    public bool IsSelfTest { get; init; }

    public Sabotage Sabotage { get; init; }

    public static CrashOptions? Parse(string[] arguments)
    {
        var (rounds, seed, daemon, isSelfTest) = (50, Environment.TickCount, "", false);
        for (var index = 0; index < arguments.Length; index++)
        {
            if (arguments[index] == "--self-test")
            {
                isSelfTest = true;
                continue;
            }

            if (index + 1 == arguments.Length) return null;
            var value = arguments[index + 1];
            switch (arguments[index++])
            {
                case "--rounds" when int.TryParse(value, CultureInfo.InvariantCulture, out rounds) && rounds > 0:
                case "--seed" when int.TryParse(value, CultureInfo.InvariantCulture, out seed):
                    break;
                case "--daemon":
                    daemon = value;
                    break;
                default:
                    return null;
            }
        }

        return daemon.Length == 0
            ? null
            : new CrashOptions(rounds, seed, Path.GetFullPath(daemon)) { IsSelfTest = isSelfTest };
    }
}
