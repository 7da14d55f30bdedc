using System.CommandLine;
using Queued.Cli.Input;

namespace Queued.Cli.Commands;

/// <summary>HANDLER, INPUT and --content-type, as <c>run</c> and <c>submit</c> take them.</summary>
internal sealed class TaskInput
{
    private readonly Argument<string> _handler = OptionKinds.Name("HANDLER", "Name of the handler.");

    private readonly Argument<string?> _input = new("INPUT")
    {
        Description = PayloadInput.Description,
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _contentType = OptionKinds.Text(
        "--content-type", "Media type of the input. Default: JSON if it is JSON, else text, else bytes.", "TYPE");

    public void AddTo(Command command)
    {
        command.Add(_handler);
        command.Add(_input);
        command.Add(_contentType);
    }

    public string Handler(CommandContext context) => context.Get(_handler);

    public async Task<TaskPayload> ReadAsync(CommandContext context)
    {
        string? input = context.GetOptional(_input);
        // A word of the command line cannot be as long as a payload; only then is the daemon asked for its limit.
        long bytesMax = input is "-" or ['@', ..] ? await context.GetPayloadBytesMaxAsync() : long.MaxValue;
        byte[] bytes = await PayloadInput.ReadAsync(input, context.Terminal, bytesMax, context.CancellationToken);
        return new TaskPayload(bytes, context.Get(_contentType) ?? PayloadInput.TypeOf(bytes) ?? "");
    }
}
