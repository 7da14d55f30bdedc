using System.Diagnostics;
using Google.Protobuf.Collections;
using Queued.Broker;
using Wire = Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

/// <summary>What is done with pipes, each once for unary calls and for sessions.</summary>
internal static class PipeOperations
{
    public static Operation<Wire.OpenPipeRequest, Wire.OpenPipeResponse> Open { get; } = new(
        (request, scope) => new Command.OpenPipe(
            scope.Request, scope.LastingSession("an end of a pipe"), request.Name, ToSide(request.Side),
            ToMode(request.Mode), FieldCheck.Long(request.BufferBytes)),
        response => ToWire((Response.PipeOpened)response))
    {
        Undo = (response, session) =>
            new Command.ClosePipe(default, session, ((Response.PipeOpened)response).End, SendingOnly: false),
    };

    public static Operation<Wire.SendToPipeRequest, Wire.SendToPipeResponse> Send { get; } = new(
        (request, scope) => new Command.SendToPipe(
            scope.Request, scope.LastingSession("an end of a pipe"), new PipeEndId(request.PipeEndId),
            ToPayloads(request.Messages), scope.WaitInSession(request.Wait)),
        response => new Wire.SendToPipeResponse { SentCount = (uint)((Response.PipeSent)response).Count })
    {
        PipeEndOf = request => request.PipeEndId,
    };

    public static Operation<Wire.ReceiveFromPipeRequest, Wire.ReceiveFromPipeResponse> Receive { get; } = new(
        (request, scope) => new Command.ReceiveFromPipe(
            scope.Request, scope.LastingSession("an end of a pipe"), new PipeEndId(request.PipeEndId),
            FieldCheck.Int(request.MessagesMax), scope.WaitInSession(request.Wait)),
        response => ToWire((Response.PipeReceived)response))
    {
        AboutBytes = result => ProtoMapping.AboutBytes(result.Messages),
    };

    public static Operation<Wire.PollPipeRequest, Wire.PollPipeResponse> Poll { get; } = new(
        (request, scope) => new Command.PollPipe(
            scope.Request, scope.LastingSession("an end of a pipe"), new PipeEndId(request.PipeEndId),
            request.Wait is null ? TimeSpan.Zero : scope.Wait(request.Wait)),
        response => new Wire.PollPipeResponse { Ready = ((Response.Ready)response).Targets.Count > 0 });

    public static Operation<Wire.ClosePipeRequest, Wire.ClosePipeResponse> Close { get; } = new(
        (request, scope) => new Command.ClosePipe(
            scope.Request, scope.LastingSession("an end of a pipe"), new PipeEndId(request.PipeEndId),
            request.SendingOnly),
        _ => new Wire.ClosePipeResponse())
    {
        PipeEndOf = request => request.PipeEndId,
    };

    /// <summary>
    /// As a unary call: what came for a call that had ended is put back, to be received by the next one.
    /// </summary>
    public static Operation<Wire.ReceiveFromPipeRequest, Wire.ReceiveFromPipeResponse> ReceiveInCall(ulong end) =>
        Receive with
        {
            Undo = (response, session) => ((Response.PipeReceived)response).Messages is { Count: > 0 } messages
                ? new Command.ReturnToPipe(session, new PipeEndId(end), messages)
                : null,
        };

    public static Wire.PipeInfo ToWire(PipeView pipe) => new()
    {
        Name = pipe.Name,
        Mode = ToWire(pipe.Mode),
        BufferBytes = (ulong)pipe.BufferBytes,
        First = ToWire(pipe.First),
        Second = ToWire(pipe.Second),
    };

    private static Wire.PipeEndInfo ToWire(PipeEndView end) => new()
    {
        Holder = end.Holder,
        Closed = end.IsClosed,
        WaitingMessages = (ulong)end.WaitingMessages,
        WaitingBytes = (ulong)end.WaitingBytes,
    };

    private static Wire.OpenPipeResponse ToWire(Response.PipeOpened opened) => new()
    {
        PipeEndId = opened.End.Value,
        Side = opened.Side == PipeSide.First ? Wire.PipeSide.First : Wire.PipeSide.Second,
        Mode = ToWire(opened.Mode),
        BufferBytes = (ulong)opened.BufferBytes,
    };

    private static Wire.ReceiveFromPipeResponse ToWire(Response.PipeReceived received)
    {
        var wire = new Wire.ReceiveFromPipeResponse { End = received.IsEnd };
        foreach (var message in received.Messages) wire.Messages.Add(ProtoMapping.ToWire(message));
        return wire;
    }

    private static Wire.PipeMode ToWire(PipeMode mode) => mode switch
    {
        PipeMode.Duplex => Wire.PipeMode.Duplex,
        PipeMode.OneWay => Wire.PipeMode.OneWay,
        _ => throw new UnreachableException($"Pipe mode {mode}"),
    };

    private static PipeMode ToMode(Wire.PipeMode mode) => mode switch
    {
        Wire.PipeMode.Unspecified or Wire.PipeMode.Duplex => PipeMode.Duplex,
        Wire.PipeMode.OneWay => PipeMode.OneWay,
        _ => throw RpcErrors.InvalidCall("mode", $"mode is {(int)mode}, which is no mode of this version."),
    };

    private static PipeSide? ToSide(Wire.PipeSide side) => side switch
    {
        Wire.PipeSide.Unspecified => null,
        Wire.PipeSide.First => PipeSide.First,
        Wire.PipeSide.Second => PipeSide.Second,
        _ => throw RpcErrors.InvalidCall("side", $"side is {(int)side}, which is no side of this version."),
    };

    private static TaskPayload[] ToPayloads(RepeatedField<Wire.Payload> messages)
    {
        var payloads = new TaskPayload[messages.Count];
        for (var at = 0; at < payloads.Length; at++) payloads[at] = ProtoMapping.FromWire(messages[at]);
        return payloads;
    }
}
