using Queued.Client.Sessions;
using Proto = Queued.Protocol.V1;

namespace Queued.Client.Pipes;

/// <summary>An end of a pipe that was taken, in the session that holds it.</summary>
internal sealed class PipeLink
{
    private PipeLink(SessionConnection connection, string name, Proto.OpenPipeResponse opened)
    {
        Connection = connection;
        Name = name;
        End = opened.PipeEndId;
        Side = opened.Side == Proto.PipeSide.First ? PipeSide.First : PipeSide.Second;
        Mode = opened.Mode == Proto.PipeMode.OneWay ? PipeMode.OneWay : PipeMode.Duplex;
        Sender = new PipeSender(connection, name, End, (long)opened.BufferBytes);
        Receiver = new PipeReceiver(connection, name, End);
        connection.WatchPipeEnd(End, Sender.Fail);
        if (CanReceive)
            Receiver.Begin();
    }

    public SessionConnection Connection { get; }

    public string Name { get; }

    public ulong End { get; }

    public PipeSide Side { get; }

    public PipeMode Mode { get; }

    public PipeSender Sender { get; }

    public PipeReceiver Receiver { get; }

    public bool CanSend => Mode == PipeMode.Duplex || Side == PipeSide.Second;

    public bool CanReceive => Mode == PipeMode.Duplex || Side == PipeSide.First;

    public static async Task<PipeLink> OpenAsync(
        SessionConnection connection, Proto.OpenPipeRequest request, CancellationToken cancellationToken)
    {
        var result = await connection.CallAsync(
            new Proto.SessionOperation { OpenPipe = request }, cancellationToken).ConfigureAwait(false);
        return new PipeLink(connection, request.Name, result.OpenPipe);
    }

    /// <summary>Where the session was lost there is nothing left to close.</summary>
    public async Task CloseAsync(bool sendingOnly)
    {
        Sender.Fail(Closed(Name, sendingOnly ? "This end was closed for sending." : "This end was closed."));
        try
        {
            await Connection.CallAsync(
                new Proto.SessionOperation
                {
                    ClosePipe = new Proto.ClosePipeRequest { PipeEndId = End, SendingOnly = sendingOnly },
                },
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (QueuedException) when (Connection.IsLost)
        {
            return;
        }

        if (!sendingOnly)
            Connection.UnwatchPipeEnd(End);
    }

    public static QueuedException Closed(string pipe, string why) =>
        ErrorMapping.Make(new ErrorDetails("PIPE_CLOSED", $"The pipe '{pipe}': {why}") { Resource = pipe });
}
