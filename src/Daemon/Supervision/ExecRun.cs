using Queued.Broker;
using Queued.Daemon.Supervision.Native;

namespace Queued.Daemon.Supervision;

/// <summary>
/// What belongs to one exec command beside its process: input still to write, and output for its result.
/// </summary>
internal sealed class ExecRun(ExecRequest request)
{
    private readonly ExecOutput _stdout = new(request.OutputBytesMax);
    private readonly ExecOutput _stderr = new(request.OutputBytesMax);
    private ReadOnlyMemory<byte> _input = request.Input;

    internal bool HasInput => !_input.IsEmpty;

    internal void Append(OutputSource source, ReadOnlySpan<byte> data) =>
        (source == OutputSource.Stdout ? _stdout : _stderr).Append(data);

    /// <summary>Writes what there is room for. False: nothing is left to write, or nobody reads it.</summary>
    internal bool Feed(int descriptor)
    {
        while (!_input.IsEmpty)
        {
            if (Descriptor.Write(descriptor, _input.Span) is not { } count)
                return true;
            if (count < 0)
                return false;
            _input = _input[count..];
        }

        return false;
    }

    internal TaskPayload Result(ChildEnd end) =>
        ExecPayload.WriteResult(request, end.ExitCode ?? (128 + end.Signal) ?? 255, _stdout, _stderr);
}
