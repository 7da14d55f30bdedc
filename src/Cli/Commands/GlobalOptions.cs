using System.CommandLine;

namespace Queued.Cli.Commands;

/// <summary>Options of every verb.</summary>
internal sealed class GlobalOptions
{
    public Option<string?> Address { get; } = new("--address")
    {
        Description = "The daemon: unix:/path or http://host:port. Default: $QUEUED_SOCKET, "
            + "else $XDG_RUNTIME_DIR/queued/queued.sock where that exists, else /run/queued/queued.sock.",
        HelpName = "ADDRESS",
        Recursive = true,
    };

    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Print JSON on stdout, one object a line, and errors as JSON on stderr.",
        Recursive = true,
    };

    public Option<bool> Quiet { get; } = new("--quiet", "-q")
    {
        Description = "Say nothing on stderr but errors.",
        Recursive = true,
    };

    public void AddTo(Command root)
    {
        root.Add(Address);
        root.Add(Json);
        root.Add(Quiet);
    }
}
