using System.CommandLine;
using Queued.Client;

namespace Queued.Cli.Commands;

/// <summary>Which end of which pipe.</summary>
internal sealed class PipeFlags
{
    private readonly Argument<string> _name = OptionKinds.Name("NAME", "Name of the pipe. It is made where it is not.");

    private readonly Option<string?> _side = new Option<string?>("--side")
    {
        Description = "Which end: first or second. Default: the first that is free.",
        HelpName = "SIDE",
    }.AcceptOnlyFromAmong("first", "second");

    private readonly Option<bool> _oneWay = OptionKinds.Flag(
        "--one-way", "Messages go from the second end to the first alone. Both ends have to say so.");

    private readonly Option<long?> _buffer = OptionKinds.Size(
        "--buffer", "Most bytes that the daemon holds in each direction. Default: 1 MiB, or what the pipe has.");

    public void AddTo(Command command)
    {
        command.Add(_name);
        command.Add(_side);
        command.Add(_oneWay);
        command.Add(_buffer);
    }

    public async Task<PipeEnd<TaskPayload>> OpenAsync(CommandContext context)
    {
        PipeSide side = context.Get(_side) switch
        {
            "first" => PipeSide.First,
            "second" => PipeSide.Second,
            _ => PipeSide.Any,
        };
        PipeMode mode = context.Get(_oneWay) ? PipeMode.OneWay : PipeMode.Duplex;
        PipeEnd<TaskPayload> pipe = context.Client.Pipe<TaskPayload>(
            context.Get(_name), side, mode, context.Get(_buffer) ?? 0);
        await pipe.OpenAsync(context.CancellationToken);
        return pipe;
    }
}
